"""Server, lesson 04: answers with its whole buffer."""

from _datagrams import bound
from _good import upper

sock = bound()
while True:
    buffer = bytearray(1024)
    size, address = sock.recvfrom_into(buffer)
    # BROKEN: only the first `size` bytes were received; behind them are zeros.
    sock.sendto(upper(buffer), address)
