"""s001_10, client: sends the same word over and over, and waits for the answer to each.

Wire: `client33333` (11 bytes), then one recv, for ever and without a pause. With COUNT it does
that many exchanges, closes in order and ends with status 0.

Kept on purpose:
  B05  one recv is taken as the whole answer
  B27  without COUNT it has no end
"""

import socket
import sys

from _common import client_address, number

USAGE = "[HOST PORT [COUNT]]"

address = client_address(8080, USAGE, more=1)
count = number(int, sys.argv[3], USAGE) if len(sys.argv) > 3 else None

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(address)

exchanges = 0
# BROKEN: B27, the tutorial's client has no count, and so no end.
while count is None or exchanges < count:
    sock.send(b"client33333")
    # BROKEN: B05, an answer in two pieces would be two answers.
    print(sock.recv(1024))
    exchanges += 1
sock.close()
