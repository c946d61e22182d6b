"""Server, lesson 03: its answers' lengths have their bytes in the wrong order."""

import struct

import _good


def send(conn, message):
    # BROKEN: ! is network order, big-endian.
    conn.sendall(struct.pack("!i", len(message)) + message)


_good.serve_commands(send=send)
