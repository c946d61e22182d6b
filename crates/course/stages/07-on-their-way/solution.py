"""A client that sends a film, whose pictures are all the same: python3 main.py HOST PORT"""

import itertools
import json
import socket
import struct
import sys
import time

# So many frames may be on their way at once: sent, and not acknowledged.
ON_THEIR_WAY = 2
# No header is longer, in bytes.
HEADER_LIMIT = 64 * 1024
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


def receive_exactly(connection, size):
    """So many bytes, with as many calls of recv as it takes."""
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("the stream has ended")
        data += piece
    return bytes(data)


def receive_acknowledgement(connection):
    """The number of the frame that has arrived."""
    (length,) = struct.unpack("<i", receive_exactly(connection, 4))
    if not 0 <= length <= HEADER_LIMIT:
        raise ValueError(f"nobody means a length of {length}")
    header = json.loads(receive_exactly(connection, length))
    return header.get("received") if isinstance(header, dict) else None


connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
acknowledged = 0
try:
    for sequence in itertools.count(1):
        if sequence - acknowledged > ON_THEIR_WAY:
            acknowledged += 1
            if receive_acknowledgement(connection) != acknowledged:
                raise ValueError(f"frame {acknowledged} is not acknowledged")
        send_frame(connection, sequence)
        time.sleep(1 / 30)
except (OSError, ValueError) as error:
    sys.exit(f"the film ends: {error}")
