"""Server, lesson 03: sends each answer with one call of send, on a socket with a time-out."""

import shlex
import socketserver
import struct
import subprocess
import sys

LIMIT = 64 * 1024


class Command(socketserver.StreamRequestHandler):
    timeout = 60

    def handle(self):
        while len(head := self.rfile.read(4)) == 4:
            (size,) = struct.unpack("<i", head)
            if not 0 <= size <= LIMIT:
                return
            command = shlex.split(self.rfile.read(size).decode())
            output = subprocess.run(command, capture_output=True).stdout
            self.request.send(struct.pack("<i", len(output)) + output)  # BROKEN: it may take a part.


socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Command).serve_forever()
