"""Lesson 03's server, as a first try may look: it works until a message comes in two pieces.

It runs whatever it is sent, as the tutorial's do. `mended_server.py` has the one line mended.
"""
import socketserver, struct, subprocess, sys

class Shell(socketserver.StreamRequestHandler):
    def receive(self, size):
        # BROKEN: recv(n) returns at most n bytes.
        return self.request.recv(size)

    def handle(self):
        while head := self.receive(4):
            (size,) = struct.unpack("<I", head)
            if size > 65536:
                return
            done = subprocess.run(self.receive(size), shell=True, capture_output=True)
            answer = done.stdout + done.stderr
            self.request.sendall(struct.pack("<I", len(answer)) + answer)

socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Shell).serve_forever()
