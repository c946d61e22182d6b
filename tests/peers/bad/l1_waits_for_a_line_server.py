"""Server, lesson 01: waits for a new line that nobody sends."""

from _good import serve, upper


def converse(conn):
    # BROKEN: the protocol has no new lines, so readline waits for the end.
    while data := conn.makefile("rb").readline():
        conn.sendall(upper(data))


serve(converse)
