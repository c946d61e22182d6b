"""s002_2, client: reads a length, ignores it, and reads on until the server closes.

Wire: each input line, stripped, as UTF-8 without a newline. Blank lines are not sent; `quit` is
not sent either, and ends the client with status 0.

Kept on purpose:
  B04  one recv for the length: a length cut in two ends the client
  B07  decodes each piece by itself, so a character on its border ends the client
  B08  ignores the length, so it never prompts again unless the server closes
  B13  decodes as GBK, whatever the command wrote
  B40  without `quit` it ends by EOFError, with status 1
"""

import functools
import socket
import struct

from _common import client_address

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(client_address(8080))

while True:
    # BROKEN: B40, the end of the input is an EOFError here.
    command = input(">>: ").strip()
    if not command:
        continue
    if command == "quit":
        break
    sock.send(command.encode("utf-8"))
    # BROKEN: B04, recv(4) may return 1 to 3 bytes, and unpack then raises struct.error.
    struct.unpack("<i", sock.recv(4))
    # BROKEN: B08, an empty recv means that the server has closed, not that the answer is complete.
    for piece in iter(functools.partial(sock.recv, 1024), b""):
        # BROKEN: B13, UTF-8 read as GBK gives other characters or a UnicodeDecodeError.
        # BROKEN: B07, as does a piece that ends inside a character.
        print(piece.decode("gbk"))
sock.close()
