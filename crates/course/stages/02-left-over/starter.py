"""A client that sends each line as a command, without a length: python3 main.py HOST PORT"""

import socket
import sys

connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))

for line in sys.stdin:
    command = line.strip()
    if not command:
        continue
    connection.sendall(command.encode())
    # ASK: receive the answer with one recv, of at most 1024 bytes, and print it.
    # 请用一次 recv 接收回答，最多 1024 个字节，再打印出来。
