"""Client, lesson 03: believes any length."""

import struct

import _good


def receive(conn):
    header = conn.recv(1)
    if not header:
        return None
    (length,) = struct.unpack("<i", header + _good.receive_exactly(conn, 3))
    # BROKEN: -1 bytes are taken for none, and 2 GiB are waited for.
    return _good.receive_exactly(conn, length)


_good.ask_commands(receive)
