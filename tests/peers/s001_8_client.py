"""s001_8, client: reads a length, a JSON header, and as many bytes as the header says.

Wire: each input line as UTF-8, not stripped, without a newline; empty lines are not sent. Reads
the length with one recv(4), the header with one recv, and uses only its `total_size`.

Kept on purpose:
  B04  one recv for the length and one for the header: either cut in two ends the client
  B12  does not notice the end of the stream in the middle of the output, and spins for ever
  B14  believes any length
  B40  ends only by EOFError, with status 1
Bytes that follow the output and are there already are printed as part of it.
"""

import json
import socket
import struct

from _common import client_address

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(client_address(8000))

while True:
    # BROKEN: B40, the end of the input is an EOFError here.
    command = input("please enter your cmd you want>>>")
    if not command:
        continue
    sock.send(command.encode("utf-8"))
    # BROKEN: B04, recv(4) may return 1 to 3 bytes, and unpack then raises struct.error.
    # BROKEN: B14, a negative or a huge length is used as it comes.
    length = struct.unpack("<i", sock.recv(4))[0]
    # BROKEN: B04, half a header is a JSONDecodeError.
    header = json.loads(sock.recv(length).decode("utf-8"))
    received = b""
    # BROKEN: B12, after the end of the stream every recv is empty, and this never ends.
    while len(received) < header["total_size"]:
        received += sock.recv(1024)
    print(received.decode("utf-8"))
