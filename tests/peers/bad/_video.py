"""What the bad programs about video (lesson 07) do right; each replaces one function by one with a fault."""

import os
import struct
import sys
import time

import _good
from _good import receive_exactly
from _messages import receive_header, send_message

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from _picture import HEIGHT, WIDTH, encode  # noqa: E402

FIELDS = ["sequence", "captured", "width", "height"]
LIMIT = 16 * 1024 * 1024


def size_of(jpeg):
    """Width and height that a whole JPEG says."""
    if jpeg[:2] != b"\xff\xd8" or jpeg[-2:] != b"\xff\xd9":
        raise ValueError("this is no whole JPEG")
    at = 2
    while jpeg[at + 1] != 0xC0:
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    height, width = (int.from_bytes(jpeg[at + n : at + n + 2], "big") for n in (5, 7))
    return width, height


def look(jpeg, width, height):
    """Whether this can be shown."""
    if size_of(jpeg) != (width, height) or width * height > 4096 * 4096:
        raise ValueError("this is not what was announced, or too large")


def receive_image(conn, size):
    """So many bytes of image."""
    if size > LIMIT:
        raise ValueError(f"{size} bytes are too many")
    return receive_exactly(conn, size)


def acknowledge(conn, sequence):
    """The word for a frame."""
    send_message(conn, {"received": sequence})


def serve(receive_image=receive_image, look=look, acknowledge=acknowledge, serve=_good.serve):
    """Takes films, one at a time."""

    def converse(conn):
        while (header := receive_header(conn, FIELDS)) is not None:
            jpeg = receive_image(conn, header["size"])
            look(jpeg, header["width"], header["height"])
            acknowledge(conn, header["sequence"])

    serve(converse)


def receive_word(conn, sequence):
    """The server's word for this frame."""
    word = receive_header(conn, ["received"])
    if word is None or (word["received"], word["size"]) != (sequence, 0):
        raise ValueError(f"the server says {word} to frame {sequence}")


def film(receive_word=receive_word):
    """Sends a frame, and the next when it is acknowledged."""
    conn = _good.connect()
    for sequence in range(1, 1 << 60):
        now = int(time.time() * 1e6)
        header = {"sequence": sequence, "captured": now, "width": WIDTH, "height": HEIGHT}
        try:
            send_message(conn, header, encode(sequence))
            receive_word(conn, sequence)
        except (OSError, ValueError) as error:
            conn.close()
            sys.exit(f"the film has ended: {error}")
        time.sleep(1 / 30)


def form_after(arguments):
    """How the length is packed in front of one-way frames: what follows so many arguments, or '<I'."""
    return sys.argv[arguments + 1] if len(sys.argv) > arguments + 1 else "<I"


def serve_one_way(receive_image=receive_image):
    """Takes films of lengths and JPEGs, and answers nothing."""
    form = form_after(1)

    def converse(conn):
        while first := conn.recv(1):
            head = first + receive_exactly(conn, struct.calcsize(form) - 1)
            jpeg = receive_image(conn, struct.unpack(form, head)[0])
            look(jpeg, *size_of(jpeg))

    _good.serve(converse)


def film_one_way():
    """Sends lengths and JPEGs, 30 in a second, whatever the server says."""
    form, conn = form_after(2), _good.connect()
    for number in range(1 << 60):
        jpeg = encode(number)
        try:
            conn.sendall(struct.pack(form, len(jpeg)) + jpeg)
        except OSError as error:
            sys.exit(f"the film has ended: {error}")
        time.sleep(1 / 30)
