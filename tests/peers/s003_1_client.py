"""s003_1, client: says nothing, reads once, prints, ends with status 0.

Wire: sends nothing.

Kept on purpose:
  B39  reads once and assumes that the whole greeting came
"""

import socket

from _common import client_address

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(client_address(9999))
# BROKEN: B39, recv returns what is there; only the end of the stream ends the greeting.
greeting = sock.recv(1024)
sock.close()
print(greeting.decode("utf-8"))
