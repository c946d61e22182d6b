"""Server, lesson 04: takes an empty datagram for an end."""

from _datagrams import bound
from _good import upper

sock = bound()
data, address = sock.recvfrom(65535)
# BROKEN: an empty datagram is a message; over UDP there is no connection that could end.
while data:
    sock.sendto(upper(data), address)
    data, address = sock.recvfrom(65535)
