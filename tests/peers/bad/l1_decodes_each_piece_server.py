"""Server, lesson 01: decodes what each recv gives."""

from _good import serve, upper


def converse(conn):
    while data := conn.recv(1024):
        # BROKEN: a recv may hold half a character, or no text at all.
        text = data.decode("utf-8")
        conn.sendall(upper(text.encode("utf-8")))


serve(converse)
