"""Server, lesson 01: closes after one answer."""

from _good import serve, upper


def converse(conn):
    # BROKEN: one recv, where there should be a loop.
    if data := conn.recv(1024):
        conn.sendall(upper(data))


serve(converse)
