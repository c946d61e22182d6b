"""Server, lesson 03: sends no more than 1024 bytes of an answer."""

import struct

import _good


def send(conn, message):
    # BROKEN: the length is that of all, and what is sent is not.
    conn.sendall(struct.pack("<i", len(message)) + message[:1024])


_good.serve_commands(send=send)
