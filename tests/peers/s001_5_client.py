"""s001_5, client: asks for the length, says `recv_ready`, reads that many bytes.

Wire: each input line, stripped, as UTF-8 without a newline; blank lines are not sent. When the
length has come, `recv_ready` (10 bytes) in a write of its own.

Kept on purpose:
  B05  one recv is taken as the whole length, and nothing but the length
  B07  decodes a piece by itself, so a character on its border ends the client
  B10  prints only the last piece of the output
  B12  does not notice the end of the stream in the middle of the output, and spins for ever
  B40  ends only by EOFError, with status 1
"""

import socket

from _common import client_address

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(client_address(8000))

while True:
    # BROKEN: B40, the end of the input is an EOFError here.
    command = input("please enter your cmd you want>>>").strip()
    if not command:
        continue
    sock.send(command.encode("utf-8"))
    # BROKEN: B05, a length cut in two is a wrong length, one with output behind it a ValueError.
    length = int(sock.recv(1024))
    sock.send(b"recv_ready")
    received = 0
    piece = b""
    # BROKEN: B12, after the end of the stream every recv is empty, and this never ends.
    while received < length:
        piece = sock.recv(1024)
        received += len(piece)
    # BROKEN: B10, the pieces before the last are lost.
    # BROKEN: B07, the last piece may begin in the middle of a character.
    print(piece.decode("utf-8"))
