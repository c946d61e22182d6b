"""Proxy, lesson 06: closes everything when one direction has ended."""

import socket

import _proxy


def copy(source, sink):
    while data := source.recv(16384):
        sink.sendall(data)
    # BROKEN: in the other direction an answer may still be on its way.
    for sock in (source, sink):
        sock.shutdown(socket.SHUT_RDWR)


_proxy.serve(lambda client, upstream: _proxy.lead(client, upstream, copy))
