"""A client that comes back when its server has gone: python3 main.py HOST PORT"""

import socket
import sys


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
    """The answer, for which the server is called again and again."""
    global connection
    # ASK: wait before each next try, longer each time, and give up in the end.
    # 每次再试之前先等一等，一次比一次久；最后要放弃。
    while True:
        try:
            return exchange(connection, question)
        except OSError as error:
            print("calling again:", error, file=sys.stderr)
        try:
            connection = connect()
        except OSError as error:
            print("cannot connect:", error, file=sys.stderr)


for line in sys.stdin:
    question = line.strip().encode()
    if question:
        print(ask(question).decode(errors="backslashreplace"))
