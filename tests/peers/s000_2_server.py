"""s000_2, server: receives a film picture by picture, in lock step, and shows it.

Wire, for each picture: one recv(1024) is a decimal number and a comma; `ok` (2 bytes) answers it;
then as many bytes of JPEG are received, and a second `ok` answers them. One client at a time.

The tutorial's opens a window for that, with OpenCV. This one needs no display: with FOLDER it
writes what it would show to FOLDER/1.jpg, FOLDER/2.jpg and so on. What is no JPEG ends it, as it
ends the tutorial's.

Kept on purpose:
  B05  one recv is taken as the whole number, and as nothing but the number
  B12  a client that leaves in the middle of a picture makes it spin
  B22  no SO_REUSEADDR
  B34  says ok to a number before it has looked at it; believes any; reads past the picture's end
  B35  two round trips for each picture

Bounded, for the sake of the machine: the 1001st empty read ends it.
"""

import os
import socket
import sys

from _common import announce, end_if_endless, server_port
from _picture import is_picture

USAGE = "[PORT [FOLDER]]"

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while an old connection is in TIME_WAIT.
listener.bind(("127.0.0.1", server_port(8080, USAGE, more=1)))
listener.listen(5)
announce(listener)

folder = sys.argv[2] if len(sys.argv) > 2 else None
shown = 0


def show(picture):
    global shown
    if not is_picture(picture):
        raise ValueError("no picture to show")
    shown += 1
    if folder:
        with open(os.path.join(folder, f"{shown}.jpg"), "wb") as file:
            file.write(picture)


while True:
    conn, _ = listener.accept()
    while True:
        # BROKEN: B05, half a number is a number too, and what comes with it is lost.
        message = conn.recv(1024)
        if not message:
            print("已断开!")
            conn.close()
            break
        # BROKEN: B35, nothing of the picture is on its way until this has arrived.
        # BROKEN: B34, a bad number gets its ok before int() raises, and 0 or 9999999999 is no bad one.
        conn.sendall(b"ok")
        total = int(message.decode("ascii").split(",")[0])
        picture = b""
        empty_reads = 0
        while len(picture) < total:
            # BROKEN: B34, what follows the picture in the stream is taken for a part of it.
            piece = conn.recv(256000)
            # BROKEN: B12, after the end of the stream this is empty, and the loop goes on.
            empty_reads += not piece
            end_if_endless(empty_reads)
            picture += piece
            print(f"receive:{len(picture)}/{total}")
        conn.sendall(b"ok")
        show(picture)
