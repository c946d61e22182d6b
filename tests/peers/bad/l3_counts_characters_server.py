"""Server, lesson 03: its lengths count characters."""

import struct

import _good


def send(conn, message):
    # BROKEN: a character may have more bytes than one.
    length = len(message.decode("utf-8", "replace"))
    conn.sendall(struct.pack("<i", length) + message)


_good.serve_commands(send=send)
