"""Server, lesson 01: sends what Python prints for bytes."""

from _good import serve, upper


def converse(conn):
    while data := conn.recv(1024):
        # BROKEN: str() of bytes is b'...', with the quotes.
        conn.sendall(str(upper(data)).encode())


serve(converse)
