"""A client that gets files from a server: python3 main.py HOST PORT FOLDER"""

import json
import pathlib
import socket
import struct
import sys

# No header is longer, in bytes.
LIMIT = 64 * 1024


def receive_exactly(connection, size):
    """So many bytes, with as many calls of recv as it takes."""
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError("the stream has ended")
        data += piece
    return data


def receive_header(connection):
    """The next header. Where it says a size, so many bytes follow, which are still to be received."""
    (length,) = struct.unpack("<i", receive_exactly(connection, 4))
    if not 0 <= length <= LIMIT:
        raise ValueError(f"nobody means a header of {length} bytes")
    header = json.loads(receive_exactly(connection, length))
    if not isinstance(header, dict) or "status" not in header:
        raise ValueError("a server's header is a JSON object, and has a status")
    return header


def number(header, field):
    """A number that stands in a header. It may be missing, below 0, or no number."""
    value = header.get(field)
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"a header should say its {field}")
    return value


def send_header(connection, header):
    """Sends a header: its length in 4 bytes, the lowest first, then its JSON."""
    header = json.dumps(header).encode()
    connection.sendall(struct.pack("<i", len(header)) + header)


def receive_file(connection, file, size):
    """Receives so many bytes into a file, and none of what follows them."""
    while size > 0:
        piece = connection.recv(min(size, 65536))
        if not piece:
            raise ConnectionError("the stream has ended inside a file")
        file.write(piece)
        size -= len(piece)


def get(connection, folder, name):
    """Gets a file, and keeps it in the folder under the last part of its name."""
    path = folder / pathlib.PurePath(name).name
    # ASK: what is here already has to stay, and half a file is not to be seen under this name.
    # 已经有的文件要留下；收到一半的文件，不能出现在这个名字下面。
    send_header(connection, {"do": "get", "name": name, "size": 0})
    header = receive_header(connection)
    if header.get("status") != "ok":
        print(f"the server refuses: {header}")
        return
    size = number(header, "size")
    if number(header, "from") != 0 or number(header, "file_size") != size:
        raise ValueError("that is not the whole file")
    with open(path, "wb") as file:
        receive_file(connection, file, size)
    receive_header(connection)
    print(f"{path} has {size} bytes")


connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
folder = pathlib.Path(sys.argv[3])

for line in sys.stdin:
    word, _, name = line.strip().partition(" ")
    try:
        if word == "get":
            get(connection, folder, name)
        else:
            print("there is: get NAME")
    except (OSError, ValueError, RecursionError) as error:
        sys.exit(f"the conversation ends: {error}")
