"""s004_1, client: one exchange, then it ends with status 0.

Wire: `hello,server` (12 bytes).

Kept on purpose:
  B05  one recv is taken as the whole answer
"""

import socket

from _common import client_address

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(client_address(8080))
sock.send(b"hello,server")
# BROKEN: B05, an answer in two pieces would be cut short.
print(sock.recv(1024).decode("utf-8"))
sock.close()
