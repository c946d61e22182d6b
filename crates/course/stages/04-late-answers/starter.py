"""A client that asks each line in a datagram: python3 main.py HOST PORT"""

import socket
import sys

server = (sys.argv[1], int(sys.argv[2]))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
# From now on the kernel drops what comes from anybody else.
client.connect(server)
client.settimeout(0.5)


def ask(question):
    """The server's answer, for which it is asked four times at most."""
    # ASK: an answer may come late, or twice, and is taken for the answer to the next question.
    # 回答可能来晚，也可能来两次，结果被当成下一个问题的回答。
    for _ in range(4):
        try:
            client.send(question)
            return client.recv(65507)
        except OSError as error:
            print("no answer:", error, file=sys.stderr)
    sys.exit("nobody answers")


for line in sys.stdin:
    answer = ask(line.strip().encode())
    print(answer.decode(errors="backslashreplace"))
