"""A server that answers in upper case: python3 main.py PORT"""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()

while True:
    connection, address = server.accept()
    while True:
        request = connection.recv(1024)
        if not request:
            break
        # Of bytes, upper changes the letters a to z and nothing else.
        connection.sendall(request.upper())
    connection.close()
