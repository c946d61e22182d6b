"""s004_3, client: asks for files by their name, and keeps each as `cpoy_` and its name.

Wire: each input line as UTF-8, not stripped, without a newline. Reads a length with one recv(4), a
JSON header with one recv, and then `lenth` bytes in pieces of up to 1024.

Kept on purpose:
  B04  one recv for the length and one for the header: either cut in two ends the client
  B12  does not notice the end of the stream in the middle of a file, and spins for ever
  B14  believes any length
  B19  shows the MD5 and does not check it; calls an empty file missing; cannot keep a name with
       `/`; overwrites what is there, and leaves half a file behind
  B25  a blank line sends nothing, and then waits for an answer for ever
  B40  ends only by EOFError, with status 1

Bounded, for the sake of the machine: B26, it waits 0.1 s after a refused connection, where the
tutorial's tries again at once and for ever, and gives up with status 1 at the hundredth.
"""

import json
import socket
import struct
import sys
import time

from _common import client_address

CELLS = 30

address = client_address(8080)
for _ in range(100):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.connect(address)
        break
    except ConnectionRefusedError:
        print("无法连接到服务器")
        sock.close()
        time.sleep(0.1)
else:
    sys.exit("gave up after 100 refused connections")

while True:
    # BROKEN: B40, the end of the input is an EOFError here.
    # BROKEN: B25, a blank line is not filtered.
    name = input("请输入下载文件名称:")
    sock.send(name.encode("utf-8"))
    # BROKEN: B04, recv(4) may return 1 to 3 bytes, and unpack then raises struct.error.
    # BROKEN: B14, a negative or a huge length is used as it comes.
    length = struct.unpack("<i", sock.recv(4))[0]
    # BROKEN: B04, half a header is a JSONDecodeError.
    header = json.loads(sock.recv(length).decode("utf-8"))
    received = 0
    if header:
        # BROKEN: B19, a name with a folder is a FileNotFoundError; an older copy is lost.
        with open("cpoy_" + name, "wb") as file:
            # BROKEN: B12, after the end of the stream every recv is empty, and this never ends.
            while received < header["lenth"]:
                piece = sock.recv(1024)
                file.write(piece)
                received += len(piece)
                part = received / header["lenth"]
                print(f"\r[{'x' * int(part * CELLS):<{CELLS}}]{part:.0%}", end="")
    # BROKEN: B19, an empty file is there by now; and nobody compares the MD5.
    if received:
        size, md5 = header["size(MB)"], header["md5"]
        print(f"\n文件[{name}]下载成功: 大小:{size} MB|md5值:[{md5}]")
    else:
        print("文件不存在")
