"""Client, lesson 03: collects all of an answer, and decodes it as GBK."""

import socket
import struct
import sys

conn = socket.create_connection((sys.argv[1], int(sys.argv[2])))
stream = conn.makefile("rb")
for line in filter(None, map(str.strip, sys.stdin)):
    conn.sendall(struct.pack("<i", len(line.encode())) + line.encode())
    head = stream.read(4)
    if len(head) < 4:
        sys.exit("the server has closed the connection")
    print(stream.read(struct.unpack("<i", head)[0]).decode("gbk", "replace"), flush=True)
