"""A server that answers datagrams in upper case: python3 main.py PORT"""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))

while True:
    question, address = server.recvfrom(512)
    server.sendto(question.upper(), address)
