"""A client that comes back when its server has gone: python3 main.py HOST PORT"""

import random
import socket
import sys
import time


def connect():
    """A connection to the server."""
    return socket.create_connection((sys.argv[1], int(sys.argv[2])))


def exchange(connection, question):
    """The answer, which is as long as the question."""
    connection.sendall(question)
    answer = b""
    while len(answer) < len(question):
        piece = connection.recv(len(question) - len(answer))
        if not piece:
            raise ConnectionError("the server has hung up")
        answer += piece
    return answer


connection = connect()


def ask(question):
    """The answer, for which the server is called again, with growing pauses between the calls."""
    global connection
    for attempt in range(7):
        try:
            return exchange(connection, question)
        except OSError as error:
            print("calling again:", error, file=sys.stderr)
        # 0.1 s, 0.2 s, 0.4 s …, longer by up to a quarter, lest a thousand clients come at once.
        time.sleep(0.1 * 2**attempt * random.uniform(1, 1.25))
        try:
            connection = connect()
        except OSError as error:
            print("cannot connect:", error, file=sys.stderr)
    sys.exit("the server does not come back")


for line in sys.stdin:
    question = line.strip().encode()
    if question:
        print(ask(question).decode(errors="backslashreplace"))
