"""Server, lesson 01, without a fault."""

from _good import serve, upper


def converse(conn):
    while data := conn.recv(1024):
        conn.sendall(upper(data))


serve(converse)
