"""A client that sends each line as a command, without a length: python3 main.py HOST PORT"""

import socket
import sys

connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))

for line in sys.stdin:
    command = line.strip()
    if not command:
        continue
    connection.sendall(command.encode())
    # One recv is taken for one answer. What it leaves is taken for the next one.
    answer = connection.recv(1024)
    if not answer:
        sys.exit("the server has hung up")
    print(answer.decode(errors="backslashreplace"))
