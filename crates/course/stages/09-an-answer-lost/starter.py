"""A receiver of files over UDP: python3 main.py PORT FOLDER"""

import json
import pathlib
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


class Transfer:
    """A file that is on its way here."""

    def __init__(self, offer):
        self.path = folder / offer["name"]
        self.data = bytearray()
        self.expected = 0


server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
folder = pathlib.Path(sys.argv[2])
# Each has a number, which two senders may choose alike: where it comes from belongs to it.
transfers = {}

while True:
    datagram, address = server.recvfrom(65507)
    packet = decode(datagram)
    if packet is None:
        continue  # It is as good as lost.
    key = (address, packet.transfer)
    transfer = transfers.get(key)
    if packet.kind == OFFER:
        offer = fields(packet.payload)
        # ASK: the Accept may be lost, and the same Offer come again. It begins nothing anew.
        # Accept 可能会丢，同一个 Offer 会再来。不要因此从头开始。
        transfers[key] = Transfer(offer)
        accept = {"max_idle_timeout_ms": offer.get("max_idle_timeout_ms")}
        reply = answer(packet, ACCEPT, payload=json.dumps(accept).encode())
    elif transfer is None:
        reply = answer(packet, REFUSED, payload=b"nobody has offered this file")
    elif packet.kind == DATA:
        if packet.number == transfer.expected:
            transfer.data += packet.payload
            transfer.expected += 1
        reply = answer(packet, ACK, transfer.expected)
    elif packet.kind == END:
        transfer.path.write_bytes(transfer.data)
        # ASK: the Done may be lost, and the End come again. Remember that this transfer is finished.
        # Done 可能会丢，End 会再来。请记住这次传输已经完成。
        del transfers[key]
        reply = answer(packet, DONE)
    else:
        continue  # No sender says this.
    server.sendto(reply, address)
