"""Client, lesson 03: reads the answer with one recv."""

import struct

import _good


def receive(conn):
    header = conn.recv(1)
    if not header:
        return None
    (length,) = struct.unpack("<i", header + _good.receive_exactly(conn, 3))
    # BROKEN: recv(n) returns at most n bytes.
    return conn.recv(_good.checked(length)) if length else b""


_good.ask_commands(receive)
