"""Client, lesson 03: does not notice the end inside an answer."""

import struct

import _good


def receive(conn):
    header = conn.recv(1)
    if not header:
        return None
    (length,) = struct.unpack("<i", header + _good.receive_exactly(conn, 3))
    data = b""
    # BROKEN: after the end every recv is empty, so this turns for ever.
    while len(data) < _good.checked(length):
        data += conn.recv(length - len(data))
    return data


_good.ask_commands(receive)
