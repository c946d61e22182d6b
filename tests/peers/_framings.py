"""Any way to say where a message ends, and how to read it wrongly: for framings.py and framings_client.py."""

import json
import re
import struct
import time

LIMIT = 16 * 1024 * 1024

# What is broken: the length is read with one recv, or the body; of messages that arrive together all but the first
# are lost; the end of the stream is taken for a piece of it; a reset ends the program; any length is believed.
BREAKS = ("none", "length", "body", "joined", "end", "reset", "limit")


def mark_of(framing):
    """The bytes that end a message."""
    return b"\n" if framing == "line" else bytes.fromhex(framing.removeprefix("until:"))


def digits_of(framing):
    """The width of digits and their padding, or None and the mark behind them."""
    fixed = re.fullmatch(r"digits:([0>]?)(\d+)", framing)
    if not fixed:
        return None, framing.removeprefix("digits:").encode().decode("unicode_escape").encode()
    align = {"": "<", "0": "0>", ">": ">"}[fixed[1]]
    return int(fixed[2]), align


def pack(framing, size):
    """A length as struct has it, or as digits."""
    if not framing.startswith("digits:"):
        layout, _, own = framing.partition("+")
        return struct.pack(layout, size + (struct.calcsize(layout) if own else 0))
    width, other = digits_of(framing)
    return f"{size:{other}{width}}".encode() if width else str(size).encode() + other


def encode(framing, message):
    """A message with what says where it ends."""
    if framing in ("none", "end"):
        return message
    if framing == "line" or framing.startswith("until:"):
        return message + mark_of(framing)
    if framing.startswith("json:"):
        _, length, field = framing.split(":", 2)
        header = json.dumps({field: len(message)}).encode()
        return pack(length, len(header)) + header + message
    return pack(framing, len(message)) + message


class Reader:
    """Reads messages from a connection."""

    def __init__(self, conn, framing, broken):
        self.conn, self.framing, self.broken = conn, framing, broken
        self.left = b""

    def recv(self, size):
        """What one recv gives, or what an earlier one has left over."""
        if not self.left:
            self.left = self.conn.recv(65536)
        while not self.left and self.broken == "end":  # BROKEN: an empty recv is the end.
            time.sleep(0.02)
            self.left = self.conn.recv(65536)
        piece, self.left = self.left[:size], self.left[size:]
        return piece

    def exactly(self, size, part):
        """So many bytes; None if the stream has ended before the first of them."""
        data = self.recv(size) if size else b""
        while data and len(data) < size:
            if self.broken == part:  # BROKEN: recv gives at most so many bytes, and maybe fewer.
                break
            piece = self.recv(size - len(data))
            if not piece:
                raise ValueError("the stream ended inside a message")
            data += piece
        return data if data or not size else None

    def until(self, mark, most, part):
        """What stands before the mark; None if the stream has ended before that."""
        data = bytearray()
        while data.find(mark, max(0, len(data) - 65536 - len(mark))) < 0:
            piece = self.recv(65536)
            if not piece and data:
                raise ValueError("the stream ended inside a message")
            if not piece:
                return None
            data += piece
            if self.broken == part:  # BROKEN: the mark may come later.
                break
            if data.find(mark, 0, most + len(mark)) < 0 and len(data) > most and self.broken != "limit":
                raise ValueError("this is longer than any message")
        data, _, behind = bytes(data).partition(mark)
        self.left = behind + self.left
        return data

    def length(self, framing):
        """A length, as struct has it or as digits; None at the end of the stream."""
        if framing.startswith("digits:"):
            width, mark = digits_of(framing)
            data = self.exactly(width, "length") if width else self.until(mark, 32, "length")
            size = data and int(data)
        else:
            layout, _, own = framing.partition("+")
            width = struct.calcsize(layout)
            data = self.exactly(width, "length")
            if data and len(data) < width:
                raise ValueError("this is no length")
            size = data and struct.unpack(layout, data)[0] - (width if own else 0)
        return size if size is None else self.checked(size)

    def checked(self, size):
        """A length that may be believed."""
        if size < 0 or (size > LIMIT and self.broken != "limit"):  # BROKEN: it is only a claim.
            raise ValueError(f"the length {size} is nonsense")
        return size

    def message(self):
        """The next message; None at the end of the stream."""
        message = self.whole_message()
        if self.broken == "joined":  # BROKEN: what came behind a message is the next one.
            self.left = b""
        return message

    def whole_message(self):
        framing = self.framing
        if framing == "none":
            return self.recv(65536) or None
        if framing == "end":
            return self.rest()
        if framing == "line":
            line = self.until(b"\n", LIMIT, "body")
            return line and line.removesuffix(b"\r")
        if framing.startswith("until:"):
            return self.until(mark_of(framing), LIMIT, "body")
        if not framing.startswith("json:"):
            size = self.length(framing)
            return None if size is None else self.body(size)
        _, length, field = framing.split(":", 2)
        size = self.length(length)
        if size is None:
            return None
        header = json.loads(self.body(size, "header"))
        if not isinstance(header, dict) or not isinstance(header.get(field), int):
            raise ValueError("a header lacks its size")
        return self.body(self.checked(header[field]))

    def body(self, size, part="body"):
        """What a length has announced."""
        data = self.exactly(size, part)
        if data is None:
            raise ValueError("the stream ended inside a message")
        return data

    def rest(self):
        """All up to the end of the stream."""
        data = bytearray(self.recv(65536))
        while self.broken != "body":  # BROKEN: one recv is not all.
            piece = self.recv(65536)
            if not piece:
                break
            data += piece
            if len(data) > LIMIT and self.broken != "limit":
                raise ValueError("this is longer than any message")
        return bytes(data) or None
