"""A client that asks each line in a datagram: python3 main.py HOST PORT"""

import socket
import sys

server = (sys.argv[1], int(sys.argv[2]))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def ask(question):
    """The server's answer."""
    client.sendto(question, server)
    answer, address = client.recvfrom(65507)
    return answer


for line in sys.stdin:
    answer = ask(line.strip().encode())
    print(answer.decode(errors="backslashreplace"))
