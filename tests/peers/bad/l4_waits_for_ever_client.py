"""Client, lesson 04: waits for an answer for ever."""

import _datagrams


def exchange(question):
    sock = _datagrams.connected()
    # BROKEN: the question or its answer may be lost.
    sock.settimeout(None)
    sock.send(question)
    return sock.recv(65535)


_datagrams.ask(exchange)
