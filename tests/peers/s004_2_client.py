"""s004_2, client: sends the same message over and over, and reads nothing.

Wire: `24 00 00 00`, then 36 bytes (two writes), for ever and without a pause. With COUNT it sends
that many messages, closes in order and ends with status 0; with PAUSE it waits that many seconds
after each.

Kept on purpose:
  B26  connects again without a pause when the server has reset the connection
  B27  without COUNT it has no end

Bounded, for the sake of the machine: it waits 0.1 s after a refused connection, where the
tutorial's tries tens of thousands of times a second, and gives up with status 1 at the hundredth
failure, refused or reset.
"""

import socket
import struct
import sys
import time

from _common import client_address, number

USAGE = "[HOST PORT [COUNT [PAUSE]]]"
MESSAGE = b"abcdefghijklmnopqrstuvwxyz1234567890"

address = client_address(8080, USAGE, more=2)
count = number(int, sys.argv[3], USAGE) if len(sys.argv) > 3 else None
pause = number(float, sys.argv[4], USAGE) if len(sys.argv) > 4 else 0

sent = 0
failures = 0
# BROKEN: B27, the tutorial's client has no count, and so no end.
while count is None or sent < count:
    if failures == 100:
        sys.exit("gave up after 100 failures")
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.connect(address)
        while count is None or sent < count:
            # "<i" and not the native "i", so that the bytes are the same on every machine.
            sock.send(struct.pack("<i", len(MESSAGE)))
            sock.send(MESSAGE)
            sent += 1
            if pause:
                time.sleep(pause)
    except ConnectionRefusedError:
        print("无法连接到服务器")
        failures += 1
        time.sleep(0.1)
    except ConnectionResetError:
        # BROKEN: B26, the next attempt follows at once.
        print("服务端已中断连接")
        failures += 1
    finally:
        sock.close()
