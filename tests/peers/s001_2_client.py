"""s001_2, client: sends a command and takes one recv for its whole output.

Wire: each input line as UTF-8, not stripped, without a newline.

Kept on purpose:
  B05  one recv(1024) is taken as one answer: the rest of a longer one answers the next command
  B25  an empty line sends nothing, and then waits for an answer for ever
  B40  ends only by EOFError, with status 1
"""

import socket

from _common import client_address

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(client_address(8000))

while True:
    # BROKEN: B40, the end of the input is an EOFError here.
    # BROKEN: B25, a blank line is not filtered.
    command = input("please enter your data")
    sock.send(command.encode("utf-8"))
    # BROKEN: B05, what is left over stays in the receive buffer and answers the next command.
    print("from server:", sock.recv(1024))
