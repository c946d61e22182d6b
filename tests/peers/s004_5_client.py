"""s004_5, client: sends a command, reads a length, then that many bytes.

Wire: each input line, stripped, as UTF-8 without a newline. Reads the length with one recv(4).

Kept on purpose:
  B04  one recv for the length: a length cut in two ends the client
  B12  does not notice the end of the stream in the middle of the output, and spins for ever
  B13  decodes as GBK, whatever the command wrote
  B14  believes any length
  B25  a blank line sends nothing, and then waits for an answer for ever
  B40  ends only by EOFError, with status 1

Bounded, for the sake of the machine: B26, it waits 0.1 s after a refused connection, where the
tutorial's tries again at once and for ever, and gives up with status 1 at the hundredth.
"""

import socket
import struct
import sys
import time

from _common import client_address

address = client_address(8080)
for _ in range(100):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.connect(address)
        break
    except ConnectionRefusedError:
        print("无法连接服务端")
        sock.close()
        time.sleep(0.1)
else:
    sys.exit("gave up after 100 refused connections")

while True:
    # BROKEN: B40, the end of the input is an EOFError here.
    # BROKEN: B25, a blank line is not filtered.
    command = input(">>>>>>>:").strip()
    sock.send(command.encode("utf-8"))
    # BROKEN: B04, recv(4) may return 1 to 3 bytes, and unpack then raises struct.error.
    # BROKEN: B14, a negative length is taken for an empty answer, and there is no upper limit.
    length = struct.unpack("<i", sock.recv(4))[0]
    received = b""
    # BROKEN: B12, after the end of the stream every recv is empty, and this never ends.
    while len(received) < length:
        received += sock.recv(1024)
    # BROKEN: B13, UTF-8 read as GBK gives other characters or a UnicodeDecodeError.
    print(received.decode("gbk"))
