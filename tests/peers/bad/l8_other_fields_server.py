"""Server, the tutorial's download: its header names the length as most others do."""

import json
import os
import struct

import _files


class Server(_files.Server):
    def converse(self, conn):
        with conn:
            while name := conn.recv(1024):
                header, data = b"{}", b""
                try:
                    data = self.read(os.path.basename(name.decode("utf-8", "replace")))
                    # BROKEN: in the tutorial's spelling it is `lenth`.
                    fields = {"filename": name.decode(), "file_size": len(data), "md5": _files.md5(data)}
                    header = json.dumps(fields).encode()
                except _files.Refused:
                    pass
                conn.sendall(struct.pack("<i", len(header)) + header + data)


Server().run()
