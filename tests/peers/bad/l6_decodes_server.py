"""Proxy, lesson 06: decodes what it passes on."""

import socket

import _proxy


def copy(source, sink):
    while data := source.recv(16384):
        # BROKEN: what is no text becomes something else.
        sink.sendall(data.decode("utf-8", "replace").encode())
    sink.shutdown(socket.SHUT_WR)


_proxy.serve(lambda client, upstream: _proxy.lead(client, upstream, copy))
