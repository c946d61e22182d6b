"""What the bad programs of lesson 09 do right: each replaces one function of these."""

import hashlib
import json
import os
import random
import socket
import struct
import sys
import time
import zlib

MAGIC, SIZE, WINDOW = b"\x04UDP", 1200, 1024
OFFER, ACCEPT, DATA, ACK, END, DONE, REFUSED, ABORT = range(8)
REST = struct.Struct("<QQIB")


def pack(transfer, transmission, number, kind, payload=b""):
    """The datagram of a packet."""
    rest = REST.pack(transfer, transmission, number, kind) + payload
    return MAGIC + struct.pack("<I", zlib.crc32(rest)) + rest


def unpack(datagram):
    """A packet's transfer, transmission, number, kind and payload; None if the datagram is no intact one."""
    rest = datagram[8:]
    if datagram[:4] != MAGIC or len(rest) < REST.size or len(rest) > REST.size + SIZE:
        return None
    if struct.pack("<I", zlib.crc32(rest)) != datagram[4:8]:
        return None
    return (*REST.unpack_from(rest), rest[REST.size :])


def bits(expected, numbers):
    """The payload of an Ack: a bit for each number behind the expected one that has come."""
    bitmap = bytearray(WINDOW // 8)
    for number in numbers:
        at = number - expected - 1
        bitmap[at // 8] |= 1 << at % 8
    return bytes(bitmap).rstrip(b"\0")


def is_plain(name):
    """Whether a file may have this name."""
    strange = any(letter in "/\\:" or not letter.isprintable() for letter in name)
    return 0 < len(name.encode()) <= 255 and not name.startswith(".") and not strange


class Transfer:
    """One file on its way, as its receiver sees it."""

    def __init__(self, folder, offer):
        self.name, self.size = offer["name"], offer["size"]
        self.path = os.path.join(folder, self.name)
        self.idle_timeout = min(offer["max_idle_timeout_ms"], 60_000)
        self.expected, self.early, self.whole = 0, {}, bytearray()
        self.last = None

    def data(self, number, payload):
        length = min(max(self.size - number * SIZE, 0), SIZE)
        if payload and len(payload) == length and self.expected <= number < self.expected + WINDOW:
            self.early[number] = payload
        while self.expected in self.early:
            self.whole += self.early.pop(self.expected)
            self.expected += 1
        return self.ack()

    def ack(self):
        return ACK, self.expected, bits(self.expected, self.early)

    def end(self, payload):
        if len(self.whole) < self.size:
            return self.ack()
        if json.loads(payload)["md5"] != hashlib.md5(self.whole).hexdigest():
            return REFUSED, 0, b"that is not the MD5 of what arrived"
        return self.keep()

    def keep(self):
        with open(self.path + ".part", "wb") as file:
            file.write(self.whole)
        os.rename(self.path + ".part", self.path)
        return DONE, 0, b""


class Receiver:
    """All transfers of a server. Its functions give kind, number and payload of an answer, or None."""

    transfer = Transfer

    def __init__(self, folder):
        self.folder, self.transfers = folder, {}

    def key(self, address, transfer):
        return address, transfer

    def offer(self, key, payload):
        if key not in self.transfers:
            offer = json.loads(payload)
            if not is_plain(offer["name"]) or os.path.lexists(os.path.join(self.folder, offer["name"])):
                return REFUSED, 0, b"that is no free name"
            if not 0 <= offer["size"] <= 1 << 30:
                return REFUSED, 0, b"that is no size"
            self.transfers[key] = self.transfer(self.folder, offer)
        accept = {"max_idle_timeout_ms": self.transfers[key].idle_timeout}
        return ACCEPT, 0, json.dumps(accept).encode()

    def answer(self, address, transfer, number, kind, payload):
        key = self.key(address, transfer)
        if kind == OFFER:
            return self.offer(key, payload)
        transfer = self.transfers.get(key)
        if kind not in (DATA, END, ABORT):
            return None
        if transfer is None:
            return REFUSED, 0, b"there is no such transfer"
        if kind == ABORT:
            del self.transfers[key]
            return None
        if transfer.last is None:
            answer = transfer.data(number, payload) if kind == DATA else transfer.end(payload)
            if answer[0] in (DONE, REFUSED):
                transfer.last = answer
            return answer
        return transfer.last


def serve(receiver=Receiver, unpack=unpack):
    """Takes files into the folder of the command line, for ever."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", int(sys.argv[1])))
    receiver = receiver(sys.argv[2])
    while True:
        datagram, address = sock.recvfrom(65535)
        packet = unpack(datagram)
        if packet is None:
            continue
        transfer, transmission, number, kind, payload = packet
        try:
            answer = receiver.answer(address, transfer, number, kind, payload)
        except (ValueError, KeyError, TypeError) as error:
            answer = REFUSED, 0, str(error).encode()
        if answer is not None:
            kind, number, payload = answer
            sock.sendto(pack(transfer, transmission, number, kind, payload), address)


class Sender:
    """Sends one file with up to 16 packets on their way, and all that is not acknowledged again after 0.1 s."""

    window, interval, idle_timeout = 16, 0.1, 3.0

    def __init__(self, path):
        with open(path, "rb") as file:
            whole = file.read()
        self.pieces = [whole[at : at + SIZE] for at in range(0, len(whole), SIZE)]
        self.transfer, self.transmission = random.getrandbits(64), 0
        offer = {"name": os.path.basename(path), "size": len(whole)}
        self.offer = json.dumps({**offer, "max_idle_timeout_ms": int(self.idle_timeout * 1000)}).encode()
        self.end = json.dumps({"md5": hashlib.md5(whole).hexdigest()}).encode()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.connect((sys.argv[1], int(sys.argv[2])))

    def send(self, number, kind, payload):
        self.sock.send(pack(self.transfer, self.transmission, number, kind, payload))
        self.transmission += 1

    def answers(self, kind):
        """The answers of this kind that come within the interval."""
        until = time.monotonic() + self.interval
        while (left := until - time.monotonic()) > 0:
            self.sock.settimeout(left)
            try:
                packet = unpack(self.sock.recv(65535))
            except TimeoutError:
                return
            if packet is None or packet[0] != self.transfer or packet[1] >= self.transmission:
                continue
            _, _, number, came, payload = packet
            if came == REFUSED:
                sys.exit("refused: " + payload.decode("utf-8", "replace"))
            if came == kind:
                yield number, payload

    def until(self, number, kind, payload, answer):
        """Says this until such an answer comes, which it returns."""
        given_up = time.monotonic() + self.idle_timeout
        while time.monotonic() < given_up:
            self.send(number, kind, payload)
            for _, said in self.answers(answer):
                return said
        sys.exit("nobody answers")

    def acknowledged(self, number, payload):
        """The numbers that an Ack says have come."""
        if number > len(self.pieces):
            return set()
        has = {number + 1 + at for at in range(len(payload) * 8) if payload[at // 8] >> at % 8 & 1}
        return has | set(range(number))

    def next_ones(self, missing):
        """Which of the missing ones to send now: no more than the receiver keeps."""
        return [number for number in missing[: self.window] if number < missing[0] + WINDOW]

    def data(self):
        missing, given_up = set(range(len(self.pieces))), time.monotonic() + self.idle_timeout
        while missing:
            on_their_way = self.next_ones(sorted(missing))
            for number in on_their_way:
                self.send(number, DATA, self.pieces[number])
            for number, payload in self.answers(ACK):
                come = self.acknowledged(number, payload) & missing
                if come:
                    missing -= come
                    given_up = time.monotonic() + self.idle_timeout
                if missing.isdisjoint(on_their_way):
                    break
            if time.monotonic() > given_up:
                sys.exit("the receiver has fallen silent")

    def run(self):
        try:
            accept = self.until(0, OFFER, self.offer, ACCEPT)
            self.idle_timeout = min(self.idle_timeout, json.loads(accept)["max_idle_timeout_ms"] / 1000)
            self.data()
            self.until(len(self.pieces), END, self.end, DONE)
        except ConnectionRefusedError:
            sys.exit("nobody is there")
        print("sent and verified")


def send(sender=Sender):
    """Sends the file of the command line."""
    try:
        sender(sys.argv[3]).run()
    except OSError as error:
        sys.exit(f"cannot send: {error}")
