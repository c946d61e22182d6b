"""A server that answers datagrams in upper case: python3 main.py PORT"""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))

while True:
    # ASK: there is no room for a long question, and its end is lost. Make room.
    # 问题太长，这里放不下，后面的就丢了。请留够位置。
    question, address = server.recvfrom(512)
    server.sendto(question.upper(), address)
