"""A server that takes a film, a picture after the other: python3 main.py PORT"""

import json
import socket
import struct
import sys

# No header, no JPEG and no picture is larger: bytes, bytes, and pixels.
HEADER_LIMIT, JPEG_LIMIT, PIXEL_LIMIT = 64 * 1024, 16 * 1024**2, 16 * 1000**2


def receive_exactly(connection, size):
    """So many bytes, with as many calls of recv as it takes."""
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("the stream has ended")
        data += piece
    return bytes(data)


def checked(number, limit):
    """A number that may be believed."""
    if not isinstance(number, int) or not 0 <= number <= limit:
        raise ValueError(f"nobody means {number}")
    return number


def receive_frame(connection):
    """The next header, and the JPEG behind it."""
    (length,) = struct.unpack("<i", receive_exactly(connection, 4))
    header = json.loads(receive_exactly(connection, checked(length, HEADER_LIMIT)))
    return header, receive_exactly(connection, checked(header["size"], JPEG_LIMIT))


def send_header(connection, header):
    """Sends a header: its length in 4 bytes, the lowest first, then its JSON."""
    data = json.dumps(header).encode()
    connection.sendall(struct.pack("<i", len(data)) + data)


def picture_size(jpeg):
    """Width and height, as the JPEG says them; ValueError if it is none, or not whole."""
    if jpeg[:2] != b"\xff\xd8" or jpeg[-2:] != b"\xff\xd9":
        raise ValueError("this is no whole JPEG")
    at = 2
    while at + 9 <= len(jpeg):
        mark, kind, length = struct.unpack_from(">BBH", jpeg, at)
        if mark != 0xFF:
            break
        if kind in (0xC0, 0xC1, 0xC2):  # This segment says how large the picture is.
            height, width = struct.unpack_from(">HH", jpeg, at + 5)
            return width, height
        at += 2 + length
    raise ValueError("this JPEG does not say how large it is")


def converse(connection):
    """Takes a film. That the client has left, receive_frame finds out."""
    while True:
        header, picture = receive_frame(connection)
        width, height = picture_size(picture)
        if (width, height) != (header["width"], header["height"]):
            raise ValueError("the header says another size than the JPEG")
        checked(width * height, PIXEL_LIMIT)
        print("frame", header["sequence"], "has", len(picture), "bytes")
        send_header(connection, {"received": header["sequence"], "size": 0})


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, address = server.accept()
    try:
        converse(connection)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print("the film ends:", error)
    connection.close()
