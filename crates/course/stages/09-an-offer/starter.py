"""A receiver of files over UDP: python3 main.py PORT FOLDER"""

import json
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


def answer(packet, kind, number=0, payload=b""):
    """The datagram that answers a packet: it names the same transfer and the same transmission."""
    covered = struct.pack("<QQIB", packet.transfer, packet.transmission, number, kind) + payload
    return MAGIC + struct.pack("<I", zlib.crc32(covered)) + covered


def fields(payload):
    """The JSON object in a payload; an empty one if there is none."""
    try:
        value = json.loads(payload)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {}


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))

while True:
    datagram, address = server.recvfrom(65507)
    packet = decode(datagram)
    if packet is None:
        continue  # It is as good as lost.
    # ASK: answer an Offer with an Accept, which says how long both ends go on although nothing new comes.
    # 收到 Offer，请用 Accept 回答，并在其中写明：多久没有新东西来，两端就放弃。
    reply = answer(packet, REFUSED, payload=b"nobody has offered this file")
    server.sendto(reply, address)
