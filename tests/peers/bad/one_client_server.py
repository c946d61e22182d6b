"""Server, lesson 01: serves one client, and ends without an error."""

import socket
import sys

from _good import upper

with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    # BROKEN: accept stands outside the loop.
    conn, _ = listener.accept()
    with conn:
        while data := conn.recv(1024):
            conn.sendall(upper(data))
