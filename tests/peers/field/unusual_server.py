"""Server of remote commands, careful, with a length that is no framing of ours: unusual_server.py PORT KIND."""

import shlex
import socketserver
import subprocess
import sys

from _unusual import KINDS

WIDTH, WRITE, READ = KINDS[sys.argv[2]]
LIMIT = 64 * 1024


class Command(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            while len(head := self.rfile.read(WIDTH)) == WIDTH:
                size = READ(head)
                if not 0 <= size <= LIMIT or len(command := self.rfile.read(size)) < size:
                    return
                output = subprocess.run(shlex.split(command.decode()), capture_output=True).stdout
                self.wfile.write(WRITE(len(output)) + output)
        except (OSError, ValueError, IndexError):
            return  # What is no command ends its client's connection.


socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Command).serve_forever()
