"""s004_2, server: reads messages that begin with their length, and answers none.

Wire: sends nothing. Reads a signed 32-bit little-endian length with one recv(4), and the message,
UTF-8, with one recv of that length. One client at a time: after a reset the next, but a client
that ends in order ends the server too.

Kept on purpose:
  B04  one recv for the length and one for the message
  B14  believes any length: -1 ends the server, 2147483647 asks for a buffer of that size
  B15  a message that has not arrived whole is cut, and its rest is read as lengths; an orderly
       end of the client is a struct.error
  B22  no SO_REUSEADDR
"""

import socket
import struct

from _common import announce, server_port

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while an old connection is in TIME_WAIT.
listener.bind(("127.0.0.1", server_port(8080)))
listener.listen(5)
announce(listener)

while True:
    conn, _ = listener.accept()
    while True:
        try:
            # BROKEN: B04, recv(4) may return 1 to 3 bytes, and unpack then raises struct.error.
            # BROKEN: B15, as it does for the empty recv at the end of the stream.
            length = struct.unpack("<i", conn.recv(4))[0]
            # BROKEN: B14, recv raises ValueError for a negative length; there is no upper limit.
            # BROKEN: B15, recv returns what is there, which may be less than the message.
            message = conn.recv(length)
            print("已收到客户端信息:", message.decode("utf-8"))
        except ConnectionResetError:
            print("客户端已中断连接")
            conn.close()
            break
