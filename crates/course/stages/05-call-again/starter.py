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

for line in sys.stdin:
    question = line.strip().encode()
    if question:
        # ASK: the server may have hung up. Then connect again, and ask this question again.
        # 服务端可能已经挂断。那就重新连接，把这个问题再问一遍。
        print(exchange(connection, question).decode(errors="backslashreplace"))
