"""s000_2, client: sends a film picture by picture, in lock step.

Wire, for each picture: its size in decimal ASCII, a comma and a space, in one write (`2454, `);
`ok` is awaited; the JPEG; a second `ok` is awaited. With COUNT the film has so many pictures.

The tutorial's has a camera or a file, and OpenCV. This one draws its pictures: see _picture.py.

Kept on purpose:
  B05  one recv is taken as one answer
  B27  without COUNT it has no end
  B33  does not look whether there was a picture, so the end of the film ends it with an error
  B34  an answer that is not exactly ok is ignored, and the two ends get out of step
  B35  two round trips for each picture
"""

import socket
import sys
import time

from _common import client_address, number
from _picture import encode

USAGE = "[HOST PORT [COUNT]]"

address = client_address(8080, USAGE, more=1)
count = number(int, sys.argv[3], USAGE) if len(sys.argv) > 3 else None

sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
sock.connect(address)


def capture(number):
    """The picture with this number, or None after the last."""
    return encode(number) if count is None or number <= count else None


captured = 0
# BROKEN: B27, nothing ends this in order.
while True:
    start = time.perf_counter()
    captured += 1
    picture = capture(captured)
    # BROKEN: B33, after the last picture this is a TypeError; the tutorial's is a cv2.error.
    sock.send(f"{len(picture)}, ".encode("ascii"))
    # BROKEN: B35, the picture waits for this, and the next picture for the second.
    # BROKEN: B05, `ok` and `ok` in one recv are neither the one nor the other.
    # BROKEN: B34, without the ok the picture is left out, and its size stays announced.
    if sock.recv(1024) == b"ok":
        sock.sendall(picture)
    if sock.recv(1024) == b"ok":
        print(f"延时:{int((time.perf_counter() - start) * 1000)}ms")
