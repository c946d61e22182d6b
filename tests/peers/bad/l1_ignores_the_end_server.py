"""Server, lesson 01: takes the end of the stream for an empty message."""

from _good import serve, upper


def converse(conn):
    while True:
        data = conn.recv(1024)
        # BROKEN: an empty recv is the end. This answers it too, until the client has gone.
        conn.sendall(upper(data) or b"?")


serve(converse)
