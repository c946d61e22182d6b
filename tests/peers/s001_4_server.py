"""s001_4, server: reads too little, so that the rest is taken for the next message.

Wire: sends nothing. Takes one connection, calls recv(2) and then recv(10), prints each, closes
and ends with status 0.

Kept on purpose:
  B05  one recv is taken as one message, so `hello feng` is read as `he` and `llo feng`
  B22  no SO_REUSEADDR
  B38  serves one client in its life
"""

import socket

from _common import announce, server_port

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while an old connection is in TIME_WAIT.
listener.bind(("127.0.0.1", server_port(8080)))
listener.listen(5)
announce(listener)

# BROKEN: B38, there is no loop around accept.
conn, _ = listener.accept()
# BROKEN: B05, what recv(2) leaves in the receive buffer comes out of the next recv.
first = conn.recv(2)
second = conn.recv(10)
print("----->", first.decode("utf-8"))
print("----->", second.decode("utf-8"))
conn.close()
