"""A sender of a file over UDP: python3 main.py HOST PORT FILE"""

import hashlib
import itertools
import json
import pathlib
import random
import socket
import struct
import sys
import zlib
from typing import NamedTuple

MAGIC = b"\x04UDP"
OFFER, ACCEPT, DATA, ACK, END, DONE, REFUSED, ABORT = range(8)
# How many bytes of the file a Data holds.
PIECE = 1200


class Packet(NamedTuple):
    """What stands in a datagram behind the magic and the crc32."""

    transfer: int
    transmission: int
    number: int
    kind: int
    payload: bytes


def decode(datagram):
    """The packet in a datagram; None if there is none, or a damaged one."""
    covered = datagram[8:]
    if len(covered) < 21 or datagram[:8] != MAGIC + struct.pack("<I", zlib.crc32(covered)):
        return None
    return Packet(*struct.unpack_from("<QQIB", covered), covered[21:])


def encode(packet):
    """The datagram of a packet."""
    *numbers, payload = packet
    covered = struct.pack("<QQIB", *numbers) + payload
    return MAGIC + struct.pack("<I", zlib.crc32(covered)) + covered


def ask(kind, number, payload):
    """Sends a packet, and returns what is answered to it."""
    client.send(encode(Packet(transfer, next(transmissions), number, kind, payload)))
    return decode(client.recv(65507))


path = pathlib.Path(sys.argv[3])
data = path.read_bytes()
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
# From now on the kernel drops what comes from anybody else.
client.connect((sys.argv[1], int(sys.argv[2])))
transfer = random.getrandbits(64)
transmissions = itertools.count()

offer = {"name": path.name, "size": len(data), "max_idle_timeout_ms": 5000}
ask(OFFER, 0, json.dumps(offer).encode())
pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
for number, piece in enumerate(pieces):
    ask(DATA, number, piece)
end = {"md5": hashlib.md5(data).hexdigest()}
ask(END, len(pieces), json.dumps(end).encode())
print("sent and verified")
