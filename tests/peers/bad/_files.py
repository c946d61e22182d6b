"""What the bad programs about files (lesson 08) do right; each replaces one method by one with a fault."""

import hashlib
import json
import os
import socket
import sys
import threading

from _good import connect, receive_exactly
from _messages import receive_header, send_message

LIMIT = 1 << 30


class Refused(Exception):
    """A request that is not done: the name of what is wrong."""


def md5(data):
    """The MD5 as 32 hexadecimal digits."""
    return hashlib.md5(data).hexdigest()


class Server:
    """Lists, sends and takes the files of a folder; a thread for each client."""

    def __init__(self):
        self.root = os.path.realpath(sys.argv[2])
        self.under_way = set()

    def run(self):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", int(sys.argv[1])))
            listener.listen(64)
            while True:
                conn, _ = listener.accept()
                self.start(conn)

    def start(self, conn):
        threading.Thread(target=self.converse, args=(conn,), daemon=True).start()

    def converse(self, conn):
        with conn:
            try:
                while (request := receive_header(conn, ["do", "name"])) is not None:
                    try:
                        {"list": self.list, "get": self.get, "put": self.put}[request["do"]](conn, request)
                    except Refused as why:
                        send_message(conn, {"status": str(why), "message": "see its name"})
            except (OSError, ValueError, KeyError) as error:
                print(repr(error), file=sys.stderr)

    def path(self, name):
        """Where the file is; only inside the folder."""
        if "\0" in name or len(name) > 200:
            raise Refused("not-allowed")
        path = os.path.realpath(os.path.join(self.root, name))
        if not path.startswith(self.root + os.sep) and name != "":
            raise Refused("not-allowed")
        return path

    def list(self, conn, request):
        folder = self.path(request["name"])
        entries = [
            {"name": entry.name, "folder": entry.is_dir(), "size": entry.stat().st_size}
            for entry in os.scandir(folder)
            if not entry.name.endswith(".part")
        ]
        send_message(conn, {"status": "ok"}, json.dumps(entries).encode())

    def read(self, name):
        """All of a file."""
        path = self.path(name)
        if not os.path.exists(path):
            raise Refused("no-such-file")
        if not os.path.isfile(path):
            raise Refused("not-a-file")
        with open(path, "rb") as file:
            return file.read()

    def get(self, conn, request):
        data = self.read(request["name"])
        have = request.get("have") or {"length": 0}
        start = have["length"] if have.get("md5") == md5(data[: have["length"]]) else 0
        header = {"status": "ok", "file_size": len(data), "from": start}
        send_message(conn, header, data[start:])
        send_message(conn, {"status": "ok", "md5": md5(data)})

    def put(self, conn, request):
        path = self.path(request["name"])
        if request["name"] == "" or request["file_size"] > LIMIT:
            raise Refused("too-large")
        if os.path.exists(path) and not request.get("force"):
            raise Refused("exists")
        if path in self.under_way:
            raise Refused("busy")
        self.under_way.add(path)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self.take(conn, request, path)
        finally:
            self.under_way.discard(path)

    def take(self, conn, request, path):
        """Receives a file beside its place, and gives it its name when all of it is right."""
        part = path + ".part"
        data = b""
        if request.get("resume") and os.path.exists(part):
            with open(part, "rb") as file:
                data = file.read()
        ready = {"have": {"length": len(data), "md5": md5(data)}} if data else {}
        send_message(conn, {"status": "ok", **ready})
        header = receive_header(conn, ["from"])
        if header is None or header["from"] + header["size"] != request["file_size"]:
            raise ValueError("the sizes of a put do not add up")
        data = data[: header["from"]]
        with open(part, "wb") as file:
            file.write(data)
            while len(data) < request["file_size"]:
                piece = conn.recv(min(request["file_size"] - len(data), 65536))
                if not piece:
                    raise ValueError("a put broke off")
                data += piece
                file.write(piece)
        self.finish(conn, data, part, path)

    def finish(self, conn, data, part, path):
        """Compares the MD5, and renames."""
        digest = receive_header(conn, ["md5"])
        if digest is None or digest["md5"] != md5(data):
            os.remove(part)
            raise Refused("checksum-mismatch")
        os.replace(part, path)
        send_message(conn, {"status": "ok"})


class Client:
    """Gets and puts files, as the lines say that are typed."""

    def run(self):
        self.conn = connect()
        for line in sys.stdin:
            word, _, name = line.strip().partition(" ")
            try:
                {"list": self.list, "get": self.get, "put": self.put}[word](name)
            except Refused as why:
                print(f"refused: {why}", flush=True)
            except (OSError, ValueError, KeyError) as error:
                self.conn.close()
                sys.exit(f"{line.strip()}: {error!r}")

    def reply(self, fields=()):
        """What the server says: a no raises."""
        header = receive_header(self.conn, ["status"])
        if header is None:
            raise ValueError("the server has closed the connection")
        if header["status"] != "ok":
            raise Refused(f"{header['status']}: {header.get('message', '')}")
        if not {*fields} <= header.keys():
            raise ValueError("a header lacks its fields")
        return header

    def list(self, _):
        send_message(self.conn, {"do": "list", "name": ""})
        print(receive_exactly(self.conn, self.reply()["size"]).decode("utf-8", "replace"), flush=True)

    def get(self, name):
        if os.path.exists(name):
            raise Refused("there is a file of that name already")
        send_message(self.conn, {"do": "get", "name": name})
        header = self.reply(["file_size", "from"])
        if header["from"] != 0 or header["size"] != header["file_size"]:
            raise ValueError("the sizes do not add up")
        self.keep(name, header["size"])

    def keep(self, name, size):
        """Receives a file, and gives it its name when its MD5 is right."""
        data = receive_exactly(self.conn, size)
        self.check(data)
        with open(name, "wb") as file:
            file.write(data)

    def check(self, data):
        """Compares the MD5."""
        if self.reply(["md5"])["md5"] != md5(data):
            raise ValueError("the MD5 is not the one that the server says")

    def put(self, path):
        with open(path, "rb") as file:
            data = file.read()
        send_message(self.conn, {"do": "put", "name": os.path.basename(path), "file_size": len(data)})
        self.reply()
        send_message(self.conn, {"from": 0}, data)
        send_message(self.conn, {"status": "ok", "md5": md5(data)})
        self.reply()
