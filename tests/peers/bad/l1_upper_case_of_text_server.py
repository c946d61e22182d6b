"""Server, lesson 01: upper-cases text, where it should upper-case bytes."""

from _good import serve


def converse(conn):
    while data := conn.recv(1024):
        # BROKEN: str.upper knows every alphabet: \u00fc becomes \u00dc, and \u00df becomes SS.
        conn.sendall(data.decode("utf-8", "replace").upper().encode("utf-8"))


serve(converse)
