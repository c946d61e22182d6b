"""Messages of lessons 07 and 08: a length, a JSON header, and as many bytes as its `size` says."""

import json
import struct

from _good import receive_exactly

HEADER_LIMIT = 64 * 1024


def receive_header(conn, fields=()):
    """The next header, with these fields and `size`; None at the end of the stream."""
    first = conn.recv(1)
    if not first:
        return None
    (length,) = struct.unpack("<i", first + receive_exactly(conn, 3))
    if not 0 <= length <= HEADER_LIMIT:
        raise ValueError(f"the length {length} is nonsense")
    header = json.loads(receive_exactly(conn, length))
    if not isinstance(header, dict) or not {*fields, "size"} <= header.keys():
        raise ValueError("a header lacks its fields")
    if not isinstance(header["size"], int) or header["size"] < 0:
        raise ValueError("a size is nonsense")
    return header


def send_message(conn, header, body=b""):
    """A message with these fields, and the size of its body."""
    text = json.dumps({**header, "size": len(body)}).encode()
    conn.sendall(struct.pack("<i", len(text)) + text + body)
