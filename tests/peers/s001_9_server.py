"""s001_9, server: sends every datagram back in upper case.

Wire: the first 1024 bytes of each datagram are sent back in a datagram with 0x61..0x7A turned into
0x41..0x5A and all other bytes unchanged. An empty datagram is answered by an empty one. All
clients share the one socket.

Kept on purpose:
  B05  one recvfrom(1024) is taken as one request: the rest of a longer datagram is lost
"""

import socket

from _common import announce, server_port

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", server_port(8080)))
announce(sock)

while True:
    # BROKEN: B05, a datagram is read once, and the kernel throws away what is left of it.
    data, address = sock.recvfrom(1024)
    print("===>", data, address)
    # bytes.upper() knows ASCII letters only, which is what the protocol wants.
    sock.sendto(data.upper(), address)
