"""s002_1, server: gives the same answer to everything.

Wire: what one recv(1024) returns is a message; each is answered with 25 bytes of UTF-8, the
comma in them ASCII. One client at a time.

Kept on purpose:
  B05  one recv is taken as one message
  B22  no SO_REUSEADDR
  B36  the end of the stream is not noticed, and every error just ends the connection
"""

import socket

from _common import announce, end_if_endless, server_port

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while an old connection is in TIME_WAIT.
listener.bind(("127.0.0.1", server_port(8080)))
listener.listen(5)
announce(listener)

while True:
    print("开始接收新的客户端链接")
    conn, address = listener.accept()
    print("连接conn为:", conn)
    print("客户端地址:", address)
    empty_reads = 0
    while True:
        try:
            # BROKEN: B05, two messages that arrive together get one answer.
            message = conn.recv(1024)
            empty_reads += not message
            end_if_endless(empty_reads)
            print("客户端发来的是:", message.decode("utf-8"))
            # BROKEN: B36, a client that has left is answered until a send fails.
            conn.send("回你一句,免得尴尬".encode("utf-8"))
        # BROKEN: B36, this hides what went wrong, a message that is not UTF-8 for example.
        except Exception:
            break
    conn.close()
