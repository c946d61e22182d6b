"""Proxy, lesson 06: expects a question, then an answer, and so on."""

import _proxy


def lead(client, upstream):
    # BROKEN: either side may speak first, and as often as it likes.
    while question := client.recv(16384):
        upstream.sendall(question)
        client.sendall(upstream.recv(16384))


_proxy.serve(lead)
