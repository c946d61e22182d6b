"""Proxy, lesson 06: one loop for both directions, which waits where there is no room."""

import select

import _proxy


def copy(client, upstream):
    other = {client: upstream, upstream: client}
    while True:
        for source in select.select(list(other), [], [])[0]:
            data = source.recv(16384)
            if not data:
                return
            # BROKEN: while this waits for one side to read, nothing goes the other way.
            other[source].sendall(data)


def lead(client, upstream):
    try:
        copy(client, upstream)
    except OSError:
        # Reset by whoever has waited in vain.
        pass


_proxy.serve(lead)
