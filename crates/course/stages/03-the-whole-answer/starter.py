"""A client that sends each line as a command, with its length: python3 main.py HOST PORT"""

import socket
import struct
import sys


def receive_message(connection):
    """The next message, without its length."""
    # ASK: an answer may come in pieces. Receive the 4 bytes, then as many as they say.
    # 回答可能分几次到。请先收齐 4 个字节，再按它说的长度收齐。
    data = connection.recv(1024)
    if not data:
        return b""
    (length,) = struct.unpack("<i", data[:4])
    return data[4 : 4 + length]


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
