"""s002_3, client: prompts, sends a line as a datagram, prints the answer.

Wire: each input line, stripped, as UTF-8 without a newline. A blank line is sent too, as an empty
datagram. Expects a datagram for each.

Kept on purpose:
  B13  decodes as GBK, whatever the server wrote
  B24  waits for an answer for ever, and takes it from anybody
  B40  ends only by EOFError, with status 1
"""

import socket

from _common import client_address

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
address = client_address(8080)

while True:
    # BROKEN: B40, the end of the input is an EOFError here.
    line = input(">>: ").strip()
    sock.sendto(line.encode("utf-8"), address)
    # BROKEN: B24, without a server, or when either datagram is lost, this never returns.
    # BROKEN: B24, whoever sends to this socket first has answered; the address is not looked at.
    answer, _ = sock.recvfrom(1024)
    # BROKEN: B13, UTF-8 read as GBK gives other characters or a UnicodeDecodeError.
    print(answer.decode("gbk"))
