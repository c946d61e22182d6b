"""Pictures without a camera: a small encoder for JPEG that needs nothing but Python.

`encode(number)` is a gray baseline JPEG of 320x240 pixels in which an edge moves with the number, so
that no two neighbouring frames are the same bytes, and every decoder takes it.
"""

WIDTH, HEIGHT = 320, 240
BLOCK = 8  # pixels


def encode(number):
    """Returns the frame with this number as the bytes of a JPEG (ITU-T T.81)."""
    bits = []
    before = 0
    for block in range(WIDTH * HEIGHT // BLOCK**2):
        column = block % (WIDTH // BLOCK)
        level = 64 if column < number % (WIDTH // BLOCK) else -64 + number % 32
        difference, before = level - before, level
        # The size of the difference in four bits, the difference, and one bit for "no more".
        size = abs(difference).bit_length()
        value = difference if difference >= 0 else difference + (1 << size) - 1
        bits.append(f"{size:04b}" + (f"{value:0{size}b}" if size else "") + "0")
    bits = "".join(bits)
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    # A byte ff in the data would be a marker.
    return HEADER + data.replace(b"\xff", b"\xff\x00") + b"\xff\xd9"


def is_picture(data):
    """Whether the bytes begin and end as a JPEG does."""
    return data[:3] == b"\xff\xd8\xff" and data[-2:] == b"\xff\xd9"


def _segment(marker, data):
    return bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2, "big") + data


def _codes(kind, length, symbols):
    """A Huffman table whose codes all have this length in bits, and count from zero."""
    counts = bytes(len(symbols) if bits == length else 0 for bits in range(1, 17))
    return _segment(0xC4, bytes([kind]) + counts + bytes(symbols))


HEADER = (
    b"\xff\xd8"
    + _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
    # A step of 8 makes a block's one coefficient its brightness.
    + _segment(0xDB, b"\0" + bytes([BLOCK] * 64))
    + _segment(
        0xC0,
        b"\x08" + HEIGHT.to_bytes(2, "big") + WIDTH.to_bytes(2, "big") + b"\x01\x01\x11\0",
    )
    + _codes(0x00, 4, range(9))
    + _codes(0x10, 1, [0])
    + _segment(0xDA, b"\x01\x01\0\0\x3f\0")
)
