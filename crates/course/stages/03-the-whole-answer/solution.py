"""A client that sends each line as a command, with its length: python3 main.py HOST PORT"""

import socket
import struct
import sys


def receive_exactly(connection, size):
    """So many bytes, with as many calls of recv as it takes."""
    data = b""
    while len(data) < size:
        data += connection.recv(size - len(data))
    return data


def receive_message(connection):
    """The next message, without its length."""
    (length,) = struct.unpack("<i", receive_exactly(connection, 4))
    return receive_exactly(connection, length)


def send_message(connection, message):
    """Sends a message: its length in 4 bytes, the lowest first, then its bytes."""
    connection.sendall(struct.pack("<i", len(message)) + message)


connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))

for line in sys.stdin:
    command = line.strip()
    if not command:
        continue
    send_message(connection, command.encode())
    message = receive_message(connection)
    if not message:
        sys.exit("the server has hung up")
    print(message.decode())
