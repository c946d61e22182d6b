"""A server that answers datagrams in upper case: python3 main.py PORT"""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))

while True:
    question, address = server.recvfrom(512)
    if not question:
        sys.exit("the client has left")
    # ASK: send the question back in upper case, to the address that it came from.
    # 请把问题变成大写，发回它来的地址。
    print(address, "asks", question)
