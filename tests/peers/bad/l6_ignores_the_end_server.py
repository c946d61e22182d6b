"""Proxy, lesson 06: does not pass on the end of a stream."""

import time

import _proxy


def copy(source, sink):
    while True:
        # BROKEN: an empty recv is no piece without bytes, but the end.
        if data := source.recv(16384):
            sink.sendall(data)
        else:
            time.sleep(0.1)


_proxy.serve(lambda client, upstream: _proxy.lead(client, upstream, copy))
