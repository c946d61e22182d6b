"""Server, lesson 04: answers from another port than the one that was asked."""

import socket

from _datagrams import bound
from _good import upper

sock = bound()
while True:
    data, address = sock.recvfrom(65535)
    # BROKEN: a client that compares addresses drops what does not come from the server's.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as another:
        another.sendto(upper(data), address)
