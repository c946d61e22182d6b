"""A server that answers datagrams in upper case: python3 main.py PORT"""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))

while True:
    question, address = server.recvfrom(512)
    # ASK: is this an end? Over UDP there is no connection that could end.
    # 这是结束吗？UDP 没有连接，也就没有什么可以结束。
    if not question:
        sys.exit("the client has left")
    server.sendto(question.upper(), address)
