"""Server, lesson 04: takes all that is in its buffer for the datagram."""

from _datagrams import bound
from _good import upper

sock = bound()
buffer = bytearray(65536)
while True:
    size, address = sock.recvfrom_into(buffer)
    # BROKEN: a longer datagram has left its end here, behind a shorter one. (In C this is strlen.)
    sock.sendto(upper(buffer[: buffer.index(0)]), address)
