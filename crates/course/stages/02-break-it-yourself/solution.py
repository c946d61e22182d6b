"""A server that answers commands, which have no length: python3 main.py PORT"""

import socket
import sys


def answer(command):
    """What a command prints. The server knows only this one, so nobody can have it run another."""
    word, _, rest = command.decode(errors="replace").partition(" ")
    if word == "echo":
        return f"{rest}\n".encode()
    return f"{word}: no such command\n".encode()


def converse(connection):
    """Answers each command, until the client has left."""
    while True:
        command = connection.recv(1024)
        if not command:
            break
        # One recv is taken for one command. It may be half of one, or two.
        connection.sendall(answer(command))


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, address = server.accept()
    try:
        converse(connection)
    except OSError as error:
        print("the conversation ends:", error)
    connection.close()
