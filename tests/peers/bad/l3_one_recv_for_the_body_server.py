"""Server, lesson 03: reads the message with one recv."""

import struct

import _good


def receive(conn):
    first = conn.recv(1)
    if not first:
        return None
    (length,) = struct.unpack("<i", first + _good.receive_exactly(conn, 3))
    # BROKEN: recv(n) returns at most n bytes.
    return conn.recv(_good.checked(length)) if length else b""


_good.serve_commands(receive)
