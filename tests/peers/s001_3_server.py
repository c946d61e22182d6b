"""s001_3, server: reads twice what was sent twice, and mostly gets it all at once.

Wire: sends nothing. Takes one connection, calls recv(10) twice, prints each, closes and ends
with status 0.

Kept on purpose:
  B05  one recv is taken as one message, so `hello` and `world` usually arrive as one
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
# BROKEN: B05, both messages fit into the first recv when they have both arrived.
first = conn.recv(10)
second = conn.recv(10)
print("----->", first.decode("utf-8"))
print("----->", second.decode("utf-8"))
conn.close()
