"""A server that answers commands, each with a JSON header in front: python3 main.py PORT"""

import hashlib
import json
import socket
import struct
import sys

# No message is longer, in bytes.
LIMIT = 16 * 1024 * 1024


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


def checked(length):
    """A length that may be believed."""
    if not isinstance(length, int) or not 0 <= length <= LIMIT:
        raise ValueError(f"nobody means a length of {length}")
    return length


def receive_message(connection):
    """The next message, without its header."""
    (length,) = struct.unpack("<i", receive_exactly(connection, 4))
    header = json.loads(receive_exactly(connection, checked(length)))
    size = header.get("total_size") if isinstance(header, dict) else None
    # ASK: run nothing that was damaged on its way: compare the message's MD5 with its hash.
    # 途中损坏的命令不要执行：请核对消息的 MD5 和报头里的 hash。
    return receive_exactly(connection, checked(size))


def send_message(connection, message):
    """Sends a message: the length of its header in 4 bytes, the header, then its bytes."""
    header = {"total_size": len(message), "hash": hashlib.md5(message).hexdigest()}
    header = json.dumps(header).encode()
    connection.sendall(struct.pack("<i", len(header)) + header + message)


def converse(connection):
    """Answers each command. That the client has left, receive_message finds out."""
    while True:
        command = receive_message(connection)
        send_message(connection, answer(command))


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, address = server.accept()
    try:
        converse(connection)
    except (OSError, ValueError, RecursionError) as error:
        print("the conversation ends:", error)
    connection.close()
