"""A client that asks each line in a datagram: python3 main.py HOST PORT"""

import socket
import sys

server = (sys.argv[1], int(sys.argv[2]))
# ASK: anybody may send to this socket. Take an answer from the server only.
# 谁都可以往这个 socket 发。只收服务端的回答。
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(0.5)


def ask(question):
    """The server's answer, for which it is asked four times at most."""
    for _ in range(4):
        client.sendto(question, server)
        try:
            answer, address = client.recvfrom(65507)
            return answer
        except OSError as error:
            print("no answer:", error, file=sys.stderr)
    sys.exit("nobody answers")


for line in sys.stdin:
    answer = ask(line.strip().encode())
    print(answer.decode(errors="backslashreplace"))
