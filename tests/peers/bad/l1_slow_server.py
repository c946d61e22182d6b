"""Server, lesson 01: takes an hour for an answer."""

import time

from _good import serve, upper


def converse(conn):
    while data := conn.recv(1024):
        for byte in upper(data):
            conn.sendall(bytes([byte]))
            # BROKEN: a byte in half a minute.
            time.sleep(30)


serve(converse)
