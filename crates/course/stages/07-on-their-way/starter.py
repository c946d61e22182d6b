"""A client that sends a film, whose pictures are all the same: python3 main.py HOST PORT"""

import itertools
import json
import socket
import struct
import sys
import time

# A gray picture of 64 x 48 pixels, as a JPEG.
PICTURE = bytes.fromhex("""
    ffd8ffe000104a46494600010100000100010000ffdb00430008080808080808
    0808080808080808080808080808080808080808080808080808080808080808
    08080808080808080808080808080808080808080808080808ffc0000b080030
    004001011100ffc4001c00000000090000000000000000000000000001020304
    05060708ffc40014100100000000000000000000000000000000ffda00080101
    00003f006a000000000000000000000000000000000000000000000000000000
    000003ffd9
""")


def send_frame(connection, sequence):
    """Sends the picture, with a header in front of it and the header's length in front of that."""
    print("frame", sequence)
    header = {
        "sequence": sequence,
        "captured": int(time.time() * 1_000_000),
        "width": 64,
        "height": 48,
        "size": len(PICTURE),
    }
    data = json.dumps(header).encode()
    connection.sendall(struct.pack("<i", len(data)) + data + PICTURE)


connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
for sequence in itertools.count(1):
    # ASK: let two frames at most be on their way that the server has not acknowledged.
    # 路上最多有两帧还没得到服务端的确认。
    send_frame(connection, sequence)
    time.sleep(1 / 30)
