"""Server, lesson 03: sends a length of 8 bytes."""

import struct

import _good


def send(conn, message):
    # BROKEN: q has 8 bytes, i has 4.
    conn.sendall(struct.pack("<q", len(message)) + message)


_good.serve_commands(send=send)
