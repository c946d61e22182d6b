"""A receiver of files over UDP: python3 main.py PORT FOLDER"""

import hashlib
import json
import pathlib
import socket
import struct
import sys
import zlib
from typing import NamedTuple

MAGIC = b"\x04UDP"
OFFER, ACCEPT, DATA, ACK, END, DONE, REFUSED, ABORT = range(8)
# How many bytes of the file a Data holds, and how many Data the sender may be ahead.
PIECE, WINDOW = 1200, 1024


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


class Transfer:
    """A file that is on its way here."""

    def __init__(self, offer):
        self.path = folder / offer["name"]
        self.size = offer["size"]
        self.data = bytearray()
        self.expected = 0
        self.early = {}  # What has come before its turn, by its number.

    def fits(self, packet):
        """Whether a Data is within the window, and as long as its place in the file."""
        ahead = packet.number - self.expected
        length = min(PIECE, self.size - PIECE * packet.number)
        return 0 <= ahead < WINDOW and 0 < length == len(packet.payload)

    def take(self, packet):
        """Takes a Data, and those behind it whose turn it is then."""
        if self.fits(packet):
            self.early[packet.number] = packet.payload
        while self.expected in self.early:
            self.data += self.early.pop(self.expected)
            self.expected += 1

    def bitmap(self):
        """A bit for each of the 1024 numbers behind the expected one: whether it has come."""
        bits = bytearray(128)
        for number in self.early:
            place = number - self.expected - 1
            bits[place // 8] |= 1 << place % 8
        return bytes(bits)

    def md5(self):
        """The MD5 of what has come, in hexadecimal digits."""
        return hashlib.md5(self.data).hexdigest()


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
folder = pathlib.Path(sys.argv[2])
# Each has a number, which two senders may choose alike: where it comes from belongs to it.
transfers = {}
finished = set()

while True:
    datagram, address = server.recvfrom(65507)
    packet = decode(datagram)
    if packet is None:
        continue  # It is as good as lost.
    key = (address, packet.transfer)
    transfer = transfers.get(key)
    if key in finished:
        reply = answer(packet, DONE)  # Perhaps the first one was lost.
    elif packet.kind == OFFER:
        offer = fields(packet.payload)
        if transfer is None:
            transfers[key] = Transfer(offer)
        accept = {"max_idle_timeout_ms": offer.get("max_idle_timeout_ms")}
        reply = answer(packet, ACCEPT, payload=json.dumps(accept).encode())
    elif transfer is None:
        reply = answer(packet, REFUSED, payload=b"nobody has offered this file")
    elif packet.kind == DATA:
        transfer.take(packet)
        reply = answer(packet, ACK, transfer.expected, transfer.bitmap())
    elif packet.kind == END and len(transfer.data) < transfer.size:
        # It has overtaken some Data. The Ack says which.
        reply = answer(packet, ACK, transfer.expected, transfer.bitmap())
    elif packet.kind == END and transfer.md5() != fields(packet.payload).get("md5"):
        reply = answer(packet, REFUSED, payload=b"the MD5 is not that of the bytes that came")
    elif packet.kind == END:
        transfer.path.write_bytes(transfer.data)
        del transfers[key]
        finished.add(key)
        reply = answer(packet, DONE)
    elif packet.kind == ABORT:
        del transfers[key]
        continue
    else:
        continue  # No sender says this.
    server.sendto(reply, address)
