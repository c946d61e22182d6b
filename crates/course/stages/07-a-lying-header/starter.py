"""A server that takes a film, a picture after the other: python3 main.py PORT"""

import json
import socket
import struct
import sys


def receive_exactly(connection, size):
    """So many bytes, with as many calls of recv as it takes."""
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("the stream has ended")
        data += piece
    return bytes(data)


def receive_frame(connection):
    """The next header, and the JPEG behind it."""
    (length,) = struct.unpack("<i", receive_exactly(connection, 4))
    header = json.loads(receive_exactly(connection, length))
    return header, receive_exactly(connection, header["size"])


def send_header(connection, header):
    """Sends a header: its length in 4 bytes, the lowest first, then its JSON."""
    data = json.dumps(header).encode()
    connection.sendall(struct.pack("<i", len(data)) + data)


def converse(connection):
    """Takes a film. That the client has left, receive_frame finds out."""
    while True:
        header, picture = receive_frame(connection)
        # ASK: end the film if this is no whole JPEG, or has another size than the header says.
        # 如果这不是完整的 JPEG，或者尺寸和报头说的不一样，就结束这段视频。
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
