"""Client of remote commands, careful, with a length that is no framing of ours: unusual_client.py HOST PORT KIND."""

import socket
import sys

from _unusual import KINDS

WIDTH, WRITE, READ = KINDS[sys.argv[3]]

conn = socket.create_connection((sys.argv[1], int(sys.argv[2])))
stream = conn.makefile("rb")
for line in filter(None, map(str.strip, sys.stdin)):
    conn.sendall(WRITE(len(line.encode())) + line.encode())
    head = stream.read(WIDTH)
    if len(head) < WIDTH:
        break  # The server has closed the connection.
    print(stream.read(READ(head)).decode("utf-8", "replace"), flush=True)
