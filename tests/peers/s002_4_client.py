"""s002_4, client: prompts, sends a line, prints the answer.

Wire: each input line, stripped, as UTF-8 without a newline. Blank lines are not sent; `quit` is
not sent either, and ends the client in order, with status 0. Expects an answer for each.

Kept on purpose:
  B05  one recv is taken as the whole answer
  B07  decodes what one recv gives by itself, so a character on its border ends the client
  B40  without `quit` it ends by EOFError, with status 1
"""

import socket

from _common import client_address

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(client_address(8080))

while True:
    # BROKEN: B40, the end of the input is an EOFError here.
    line = input(">>: ").strip()
    if not line:
        continue
    if line == "quit":
        break
    sock.send(line.encode("utf-8"))
    # BROKEN: B05, the rest of a longer answer would be shown as the answer to the next line.
    # BROKEN: B07, an answer of more than 1024 bytes may be cut inside a character.
    print("收到服务端发来的消息:", sock.recv(1024).decode("utf-8"))
sock.close()
