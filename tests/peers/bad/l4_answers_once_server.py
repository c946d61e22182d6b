"""Server, lesson 04: answers no question twice."""

from _datagrams import bound
from _good import upper

sock = bound()
answered = set()
while True:
    data, address = sock.recvfrom(65535)
    # BROKEN: a question comes twice because its answer was lost.
    if (data, address) not in answered:
        sock.sendto(upper(data), address)
        answered.add((data, address))
