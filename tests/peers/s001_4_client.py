"""s001_4, client: one message of ten bytes.

Wire: `hello feng` (10 bytes, one write), then the end of the stream.

Kept on purpose:
  B28  the result of connect_ex is ignored: without a server, the send fails with BrokenPipeError
"""

import socket

from _common import client_address

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B28, connect_ex returns an error number instead of raising, and nobody looks at it.
sock.connect_ex(client_address(8080))
sock.send(b"hello feng")
