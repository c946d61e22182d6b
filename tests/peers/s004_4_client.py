"""s004_4, client: sends the same word twice a second, and prints the answer to each.

Wire: `e5 8c 97 e9 bc bb` (6 bytes), then one recv, then a pause of 0.5 s, for ever. With COUNT it
does that many exchanges, closes in order and ends with status 0; PAUSE is another pause, in
seconds. After a reset it connects again. Ten refused connections in all are too many: it waits
1 s, says that the time is up, and ends with status 0.

Kept on purpose:
  B05  one recv is taken as the whole answer
  B26  connects again without a pause, so its ten attempts are over in a moment
  B27  without COUNT it has no end
  B37  an orderly end of the server is printed as an empty answer, until a send fails

Bounded, for the sake of the machine: it gives up with status 1 at the hundredth reset.
"""

import socket
import sys
import time

from _common import client_address, number

USAGE = "[HOST PORT [COUNT [PAUSE]]]"

address = client_address(8080, USAGE, more=2)
count = number(int, sys.argv[3], USAGE) if len(sys.argv) > 3 else None
pause = number(float, sys.argv[4], USAGE) if len(sys.argv) > 4 else 0.5

exchanges = 0
refused = 0
resets = 0
# BROKEN: B27, the tutorial's client has no count, and so no end.
while count is None or exchanges < count:
    if refused == 10:
        time.sleep(1)
        print(f"服务端连接{address}超时")
        break
    if resets == 100:
        sys.exit("gave up after 100 resets")
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.connect(address)
        while count is None or exchanges < count:
            sock.send("北鼻".encode("utf-8"))
            # BROKEN: B05, an answer in two pieces would be two answers.
            # BROKEN: B37, an empty recv is no answer but the end of the stream. What follows it is
            # a BrokenPipeError, which nobody catches.
            print(sock.recv(1024).decode("utf-8"))
            exchanges += 1
            time.sleep(pause)
    except ConnectionRefusedError:
        # BROKEN: B26, the next attempt follows at once.
        print("无法连接到服务端")
        refused += 1
    except ConnectionResetError:
        # BROKEN: B26, here too.
        resets += 1
    finally:
        sock.close()
