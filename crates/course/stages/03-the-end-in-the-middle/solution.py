"""A server that answers commands, each with its length in front: python3 main.py PORT"""

import socket
import struct
import sys


def answer(command):
    """What a command prints. The server knows only this one, so nobody can have it run another."""
    word, _, rest = command.decode(errors="replace").partition(" ")
    if word == "echo":
        return f"{rest}\n".encode()
    return f"{word}: no such command\n".encode()


def receive_exactly(connection, size):
    """So many bytes, with as many calls of recv as it takes."""
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("the stream has ended")
        data += piece
    return data


def receive_message(connection):
    """The next message, without its length."""
    (length,) = struct.unpack("<i", receive_exactly(connection, 4))
    return receive_exactly(connection, length)


def send_message(connection, message):
    """Sends a message: its length in 4 bytes, the lowest first, then its bytes."""
    connection.sendall(struct.pack("<i", len(message)) + message)


def converse(connection):
    """Answers each command, until the client has left."""
    while True:
        command = receive_message(connection)
        if not command:
            break
        send_message(connection, answer(command))


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, address = server.accept()
    try:
        converse(connection)
    except OSError as error:
        print("the conversation ends:", error)
    connection.close()
