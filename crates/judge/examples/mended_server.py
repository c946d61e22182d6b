"""Lesson 03's server without a fault: `one_recv_server.py`, with one line mended.

It runs whatever it is sent, as the tutorial's do.
"""
import socketserver, struct, subprocess, sys

class Shell(socketserver.StreamRequestHandler):
    def receive(self, size):
        # read(n) of a file calls recv until n bytes are there, or the stream has ended.
        return self.rfile.read(size)

    def handle(self):
        while head := self.receive(4):
            (size,) = struct.unpack("<I", head)
            if size > 65536:
                return
            done = subprocess.run(self.receive(size), shell=True, capture_output=True)
            answer = done.stdout + done.stderr
            self.request.sendall(struct.pack("<I", len(answer)) + answer)

socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Shell).serve_forever()
