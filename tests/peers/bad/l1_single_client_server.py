"""Server, lesson 01: serves one client, and ends."""

import socket
import sys

from _good import upper

with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen(64)
    # BROKEN: accept stands outside of any loop.
    conn, _ = listener.accept()
    while data := conn.recv(1024):
        conn.sendall(upper(data))
