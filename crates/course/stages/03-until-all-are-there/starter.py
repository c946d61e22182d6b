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


def receive_message(connection):
    """The next message, without its length."""
    # ASK: one recv may give a part only, even of the length. Go on until all bytes are there.
    # 一次 recv 可能只收到一部分，连长度也可能不完整。请一直收到齐为止。
    data = connection.recv(1024)
    if not data:
        return b""
    (length,) = struct.unpack("<i", data[:4])
    return data[4 : 4 + length]


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
