"""A client that sends each line as a command, with its length: python3 main.py HOST PORT"""

import socket
import struct
import sys

# No message is longer, in bytes.
LIMIT = 16 * 1024 * 1024


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
    if not 0 <= length <= LIMIT:
        raise ValueError(f"nobody means a message of {length} bytes")
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
    except (OSError, ValueError) as error:
        sys.exit(f"no answer: {error}")
    print(message.decode(errors="backslashreplace"))
