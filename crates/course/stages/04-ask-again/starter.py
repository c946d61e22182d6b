"""A client that asks each line in a datagram: python3 main.py HOST PORT"""

import socket
import sys

server = (sys.argv[1], int(sys.argv[2]))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def ask(question):
    """The server's answer."""
    # ASK: the question or its answer may be lost. Wait half a second, and ask again; after four
    # times, give up.
    # 问题或回答都可能丢失。等半秒再问一次，问了四次还没有回答，就放弃。
    client.sendto(question, server)
    answer, address = client.recvfrom(65507)
    return answer


for line in sys.stdin:
    answer = ask(line.strip().encode())
    print(answer.decode(errors="backslashreplace"))
