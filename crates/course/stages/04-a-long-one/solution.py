"""A server that answers datagrams in upper case: python3 main.py PORT"""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))

while True:
    # No datagram is longer than 65,507 bytes.
    question, address = server.recvfrom(65507)
    server.sendto(question.upper(), address)
