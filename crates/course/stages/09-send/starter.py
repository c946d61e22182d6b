"""A sender of a file over UDP: python3 main.py HOST PORT FILE"""

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
# ASK: send the file in Data of 1200 bytes, the next when the one before is answered, and then the End.
# 把文件分成 1200 字节的 Data 发出去，前一个得到回答再发下一个，最后发 End。
