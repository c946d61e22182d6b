"""Client, lesson 03: reads the length with one recv."""

import struct

import _good


def receive(conn):
    # BROKEN: recv(4) returns at most 4 bytes, and at least one.
    header = conn.recv(4)
    if not header:
        return None
    (length,) = struct.unpack("<i", header)
    return _good.receive_exactly(conn, _good.checked(length))


_good.ask_commands(receive)
