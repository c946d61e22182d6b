"""Proxy, lesson 06: makes an orderly end of a reset."""

import socket

import _proxy


def broken(source, sink):
    # BROKEN: this says that all was sent, and it was not.
    for sock in (source, sink):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


_proxy.serve(lambda client, upstream: _proxy.lead(client, upstream, broken=broken))
