"""A client that gets files from a server: python3 main.py HOST PORT FOLDER"""

import hashlib
import json
import os
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
    """Receives so many bytes into a file, and none of what follows them. Returns their MD5."""
    md5 = hashlib.md5()
    while size > 0:
        piece = connection.recv(min(size, 65536))
        if not piece:
            raise ConnectionError("the stream has ended inside a file")
        file.write(piece)
        md5.update(piece)
        size -= len(piece)
    return md5.hexdigest()


def send_file(connection, file, size):
    """Sends so many bytes of a file. Returns their MD5."""
    md5 = hashlib.md5()
    while size > 0:
        piece = file.read(min(size, 65536))
        if not piece:
            # Without the bytes that were announced, nobody could tell where the next message begins.
            raise OSError("the file has become shorter")
        connection.sendall(piece)
        md5.update(piece)
        size -= len(piece)
    return md5.hexdigest()


def get(connection, folder, name):
    """Gets a file, and keeps it in the folder under the last part of its name."""
    path = folder / pathlib.PurePath(name).name
    if path.exists():
        print(f"{path} is here already")
        return
    send_header(connection, {"do": "get", "name": name, "size": 0})
    header = receive_header(connection)
    if header.get("status") != "ok":
        print(f"the server refuses: {header}")
        return
    size = number(header, "size")
    if number(header, "from") != 0 or number(header, "file_size") != size:
        raise ValueError("that is not the whole file")
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "wb") as file:
            md5 = receive_file(connection, file, size)
        last = receive_header(connection)
        if last.get("status") != "ok" or last.get("md5") != md5:
            print(f"{path} was changed or damaged on its way: {last}")
            return
        part.rename(path)
    finally:
        # After the rename nothing has this name any more.
        part.unlink(missing_ok=True)
    print(f"{path} has {size} bytes")


def put(connection, path):
    """Puts a file on the server, under its name without the folders that lead to it."""
    if not path.is_file():
        print(f"there is no file {path}")
        return
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        send_header(connection, {"do": "put", "name": path.name, "file_size": size, "size": 0})
        header = receive_header(connection)
        if header.get("status") != "ok":
            print(f"the server refuses: {header}")
            return
        send_header(connection, {"from": 0, "size": size})
        md5 = send_file(connection, file, size)
    send_header(connection, {"status": "ok", "md5": md5, "size": 0})
    print(f"{path} was sent, and the server says {receive_header(connection)}")


connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
folder = pathlib.Path(sys.argv[3])

for line in sys.stdin:
    word, _, name = line.strip().partition(" ")
    try:
        if word == "get":
            get(connection, folder, name)
        elif word == "put":
            put(connection, pathlib.Path(name))
        else:
            print("there are: get NAME, and put FILE")
    except (OSError, ValueError, RecursionError) as error:
        sys.exit(f"the conversation ends: {error}")
