"""s000_1, client: speaks first, then sends a line at a time.

Wire: `connect succeed` (15 bytes) right after connecting, then each input line as UTF-8, not
stripped and without a newline. Expects one answer for each.

Kept on purpose:
  B03  asks for the next line before it reads the answer to the last; an empty line makes it hang
  B05  one recv is taken as one answer
  B40  ends only by EOFError, with status 1

Repaired, because the program does not start otherwise: B01, the missing `import socket`.
"""

import socket

from _common import client_address

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(client_address(5270))

message = "connect succeed"
while True:
    # An empty line sends nothing at all, and so gets no answer.
    sock.send(message.encode("utf-8"))
    # BROKEN: B03, the answer to what was just sent is shown only after the next line was typed.
    # BROKEN: B40, the end of the input is an EOFError here.
    message = input("please input the message")
    # BROKEN: B05, an answer in two pieces would be two answers.
    print(sock.recv(1024).decode("utf-8"))
    print("send over!")
