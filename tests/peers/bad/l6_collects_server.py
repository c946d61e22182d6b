"""Proxy, lesson 06: collects what comes until the end of the stream."""

import socket

import _proxy


def copy(source, sink):
    # BROKEN: a client waits for the answer before it ends its stream.
    sink.sendall(source.makefile("rb").read())
    sink.shutdown(socket.SHUT_WR)


_proxy.serve(lambda client, upstream: _proxy.lead(client, upstream, copy))
