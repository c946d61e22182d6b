"""A client that sends each line as a command, with its length: python3 main.py HOST PORT"""

import socket
import struct
import sys


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
    # ASK: the length may be a lie, and the answer no text. End at the one, bear the other.
    # 长度可能是假的，回答也可能不是文本。前者要结束，后者要能显示。
    return receive_exactly(connection, length)


def send_message(connection, message):
    """Sends a message: its length in 4 bytes, the lowest first, then its bytes."""
    connection.sendall(struct.pack("<i", len(message)) + message)


connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))

for line in sys.stdin:
    command = line.strip()
    if not command:
        continue
    try:
        send_message(connection, command.encode())
        message = receive_message(connection)
    except OSError as error:
        sys.exit(f"no answer: {error}")
    print(message.decode())
