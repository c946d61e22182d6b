"""A server of one's own: each message has its length in front, 4 bytes in network order."""

import socketserver, struct, sys

class Upper(socketserver.StreamRequestHandler):
    def receive(self, size):
        # BROKEN: recv(n) returns at most n bytes.
        return self.request.recv(size)

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
