"""s002_3, server: gives the same answer to every datagram.

Wire: each datagram, an empty one too and whatever its bytes, is answered with `Welcome to hear`
(15 bytes, spelt like this). All clients share the one socket.

Kept on purpose:
  B05  one recvfrom(1024) is taken as one request (harmless here: the answer is always the same)
"""

import socket

from _common import announce, server_port

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", server_port(8080)))
announce(sock)

while True:
    # BROKEN: B05, a datagram is read once, and the kernel throws away what is left of it.
    _, address = sock.recvfrom(1024)
    sock.sendto(b"Welcome to hear", address)
    print("信息发送成功")
