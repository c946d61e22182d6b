"""The same server, which reads until all that was announced is there."""

import socketserver, struct, sys

class Upper(socketserver.StreamRequestHandler):
    def receive(self, size):
        # read(n) of a file calls recv until n bytes are there, or the stream has ended.
        data = self.rfile.read(size)
        return data if len(data) == size else b""

    def handle(self):
        while head := self.receive(4):
            (size,) = struct.unpack(">I", head)
            if size > 1_000_000:
                return
            message = self.receive(size).upper()
            self.request.sendall(struct.pack(">I", len(message)) + message)

class Server(socketserver.ThreadingTCPServer):
    request_queue_size = 128

Server(("127.0.0.1", int(sys.argv[1])), Upper).serve_forever()
