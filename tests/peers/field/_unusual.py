"""Lengths that are no framing of ours, each a pair of functions: to write one, and to read it."""

import struct

KINDS = {
    # Twice, as those write it who take the size of "ii" for that of "i".
    "twice": (8, lambda size: struct.pack("<ii", size, size), lambda head: struct.unpack("<ii", head)[0]),
    # A kind of message in front.
    "typed": (5, lambda size: struct.pack("<BI", 1, size), lambda head: struct.unpack("<BI", head)[1]),
    # A word in front.
    "magic": (8, lambda size: b"MSG1" + struct.pack("<I", size), lambda head: struct.unpack("<4sI", head)[1]),
    # Hexadecimal digits.
    "hex": (8, lambda size: b"%08x" % size, lambda head: int(head, 16)),
}
