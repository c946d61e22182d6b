"""s004_1, server: one exchange, then it ends.

Wire: what one recv(1024) returns is sent back with its ASCII letters in upper case, and the
connection is closed. A client that closes without a word gets nothing. Ends with status 0.

Kept on purpose:
  B05  one recv is taken as one request
  B22  no SO_REUSEADDR
  B38  serves one client in its life, and a reset ends it with status 1
"""

import socket

from _common import announce, server_port

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while the connection is in TIME_WAIT.
listener.bind(("127.0.0.1", server_port(8080)))
listener.listen(5)
announce(listener)

# BROKEN: B38, there is no loop around accept, and nobody catches a ConnectionResetError.
conn, _ = listener.accept()
# BROKEN: B05, a request in two pieces is answered at the first.
request = conn.recv(1024)
conn.send(request.upper())
conn.close()
