"""s003_1, server: greets and closes.

Wire: reads nothing. Sends 36 bytes of UTF-8 on accept, and closes at once.

Kept on purpose:
  B22  no SO_REUSEADDR
  B39  the server closes first, so the TIME_WAIT is its own
"""

import socket

from _common import announce, server_port

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR a restart on this port fails while the TIME_WAITs last.
listener.bind(("127.0.0.1", server_port(9999)))
listener.listen(5)
announce(listener)

while True:
    conn, address = listener.accept()
    print("连接地址:", address)
    conn.send("|------成功连接服务端!------|".encode("utf-8"))
    # BROKEN: B39, whoever closes first holds the connection in TIME_WAIT.
    conn.close()
