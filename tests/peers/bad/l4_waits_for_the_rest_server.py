"""Server, lesson 04: takes a full buffer for the first part of a datagram."""

from _datagrams import bound
from _good import upper

sock = bound()
while True:
    data, address = sock.recvfrom(2048)
    piece = data
    # BROKEN: this is how a stream is read. The next datagram is no second part of this one.
    while len(piece) == 2048:
        piece, address = sock.recvfrom(2048)
        data += piece
    sock.sendto(upper(data), address)
