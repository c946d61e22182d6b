"""s002_1, client: prompts, sends a line, prints the answer.

Wire: each input line, stripped, as UTF-8 without a newline. Blank lines are not sent. Expects an
answer for each.

Kept on purpose:
  B05  one recv is taken as the whole answer
  B40  ends only by EOFError, with status 1
"""

import socket

from _common import client_address

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(client_address(8080))

while True:
    # BROKEN: B40, the end of the input is an EOFError here.
    line = input(">>: ").strip()
    if not line:
        continue
    sock.send(line.encode("utf-8"))
    print("客户端已经发送消息")
    # BROKEN: B05, an answer in two pieces would be two answers.
    print("收到服务端发来的消息:", sock.recv(1024).decode("utf-8"))
