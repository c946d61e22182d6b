"""Client, lesson 03: decodes what each recv gives."""

import struct

import _good


def receive(conn):
    header = conn.recv(1)
    if not header:
        return None
    (length,) = struct.unpack("<i", header + _good.receive_exactly(conn, 3))
    text, got = "", 0
    while got < _good.checked(length):
        piece = conn.recv(min(length - got, 1024))
        if not piece:
            raise ValueError("the stream ended inside a message")
        got += len(piece)
        # BROKEN: a piece may begin or end inside a character.
        text += piece.decode("utf-8", "replace")
    return text


_good.ask_commands(receive)
