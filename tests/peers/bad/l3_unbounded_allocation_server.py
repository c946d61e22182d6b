"""Server, lesson 03: takes as much memory as a client says."""

import struct

import _good


def receive(conn):
    first = conn.recv(1)
    if not first:
        return None
    (length,) = struct.unpack("<i", first + _good.receive_exactly(conn, 3))
    if length < 0:
        raise ValueError("negative")
    # BROKEN: a length is only a claim.
    message = bytearray(length)
    view = memoryview(message)
    while view:
        got = conn.recv_into(view)
        if not got:
            raise ValueError("the stream ended inside a message")
        view = view[got:]
    return bytes(message)


_good.serve_commands(receive)
