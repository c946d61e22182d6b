"""A server of files, which serves one client after the other: python3 main.py PORT FOLDER"""

import hashlib
import json
import os
import pathlib
import socket
import struct
import sys

# No header is longer, in bytes.
LIMIT = 64 * 1024
# No file is longer, in bytes.
FILE_LIMIT = 16 * 1024 * 1024 * 1024
# The folder of the files.
FOLDER = pathlib.Path(sys.argv[2]).resolve()


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
    if not isinstance(header, dict):
        raise ValueError("a header is a JSON object")
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


def refuse(connection, status, message):
    """Says no: a status for the program, a sentence for the person. The client may ask for something else."""
    send_header(connection, {"status": status, "message": message, "size": 0})


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


def find(name):
    """The path to which a name leads."""
    return FOLDER / name


def list_folder(connection, path):
    """Answers with what there is in a folder."""
    if not os.path.isdir(path):
        return refuse(connection, "no-such-file", "there is no folder of that name")
    entries = [{"name": it.name, "folder": it.is_dir(), "size": it.lstat().st_size} for it in path.iterdir()]
    body = json.dumps(entries).encode()
    send_header(connection, {"status": "ok", "size": len(body)})
    connection.sendall(body)


def get(connection, path):
    """Answers with a file: a header, its bytes, and a message with their MD5."""
    if not os.path.isfile(path):
        return refuse(connection, "no-such-file", "there is no file of that name")
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        send_header(connection, {"status": "ok", "file_size": size, "from": 0, "size": size})
        md5 = send_file(connection, file, size)
    send_header(connection, {"status": "ok", "md5": md5, "size": 0})


def receive_part(connection, part, size):
    """Receives a file of this size into `part`, and says whether it is the one that was meant."""
    with open(part, "wb") as file:
        send_header(connection, {"status": "ok", "size": 0})
        header = receive_header(connection)
        if number(header, "from") != 0 or number(header, "size") != size:
            raise ValueError("that is not the whole file")
        md5 = receive_file(connection, file, size)
        # What was written may still be in memory only, and a power cut would take it.
        file.flush()
        os.fsync(file.fileno())
    last = receive_header(connection)
    return last.get("status") == "ok" and last.get("md5") == md5


def put(connection, path, request):
    """Keeps a file that a client sends."""
    size = number(request, "file_size")
    if size > FILE_LIMIT:
        return refuse(connection, "too-large", "the file is too long")
    if os.path.isdir(path):
        return refuse(connection, "not-a-file", "there is a folder of that name")
    if os.path.exists(path) and request.get("force") is not True:
        return refuse(connection, "exists", "there is a file of that name")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        if not receive_part(connection, part, size):
            return refuse(connection, "checksum-mismatch", "what came is not what was sent")
        part.replace(path)
    finally:
        # After the rename nothing has this name any more.
        part.unlink(missing_ok=True)
    send_header(connection, {"status": "ok", "size": 0})


def serve(connection):
    """Does what a client asks for. That it has left, receive_header finds out."""
    while True:
        request = receive_header(connection)
        do, name = request.get("do"), request.get("name")
        if not isinstance(name, str) or number(request, "size") != 0:
            raise ValueError("that is no request")
        path = find(name)
        if do == "list":
            list_folder(connection, path)
        elif do == "get":
            get(connection, path)
        elif do == "put":
            put(connection, path, request)
        else:
            raise ValueError("nobody can do that")


server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, address = server.accept()
    try:
        serve(connection)
    except (OSError, ValueError, RecursionError) as error:
        # Standard error can show any name, whatever its alphabet.
        print("the conversation ends:", error, file=sys.stderr)
    connection.close()
