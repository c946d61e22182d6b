"""Server, lesson 01: a client's reset ends it."""

import socket
import sys

from _good import upper

with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen(64)
    while True:
        conn, _ = listener.accept()
        # BROKEN: recv raises ConnectionResetError, and nobody catches it.
        while data := conn.recv(1024):
            conn.sendall(upper(data))
        conn.close()
