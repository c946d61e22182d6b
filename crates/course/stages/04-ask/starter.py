"""A client that asks each line in a datagram: python3 main.py HOST PORT"""

import socket
import sys

server = (sys.argv[1], int(sys.argv[2]))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def ask(question):
    """The server's answer."""
    # ASK: send the question to the server, receive the answer, and return it.
    # 请把问题发给服务端，接收回答，再返回。
    return b""


for line in sys.stdin:
    answer = ask(line.strip().encode())
    print(answer.decode(errors="backslashreplace"))
