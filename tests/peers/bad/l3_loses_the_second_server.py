"""Server, lesson 03: reads more than one message, and throws away what is left over."""

import struct

import _good


def receive(conn):
    # BROKEN: what follows the first message in `data` is lost when this returns.
    data = b""
    while len(data) < 4 or len(data) < 4 + struct.unpack("<i", data[:4])[0]:
        piece = conn.recv(65536)
        if not piece:
            return None
        data += piece
        if len(data) >= 4:
            _good.checked(struct.unpack("<i", data[:4])[0])
    return data[4 : 4 + struct.unpack("<i", data[:4])[0]]


_good.serve_commands(receive)
