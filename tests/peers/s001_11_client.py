"""s001_11, client: sends the same datagram over and over, and waits for the answer to each.

Wire: `client1111` (10 bytes), then one datagram back, for ever and without a pause. With COUNT it
does that many exchanges and ends with status 0.

Kept on purpose:
  B24  waits for an answer for ever, and takes it from anybody
  B27  without COUNT it has no end
"""

import socket
import sys

from _common import client_address, number

USAGE = "[HOST PORT [COUNT]]"

address = client_address(8080, USAGE, more=1)
count = number(int, sys.argv[3], USAGE) if len(sys.argv) > 3 else None

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

exchanges = 0
# BROKEN: B27, the tutorial's client has no count, and so no end.
while count is None or exchanges < count:
    sock.sendto(b"client1111", address)
    # BROKEN: B24, without a server, or when either datagram is lost, this never returns.
    # BROKEN: B24, whoever sends to this socket first has answered; the address is not looked at.
    answer, _ = sock.recvfrom(1024)
    print(answer)
    exchanges += 1
sock.close()
