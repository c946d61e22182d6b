"""Client, lesson 08: reads the JSON header with one recv."""

import json
import struct

import _files


class Client(_files.Client):
    def reply(self, fields=()):
        (length,) = struct.unpack("<i", _files.receive_exactly(self.conn, 4))
        # BROKEN: recv(n) returns at most n bytes, and at least one.
        header = json.loads(self.conn.recv(length))
        if header["status"] != "ok":
            raise _files.Refused(header["message"])
        return header


Client().run()
