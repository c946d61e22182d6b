"""Server, lesson 01: reads on until a recv is shorter than its buffer."""

import socketserver
import sys

SIZE = 1024


class Upper(socketserver.StreamRequestHandler):
    def handle(self):
        while message := self.message():
            self.request.sendall(message.upper())

    def message(self):
        message = piece = self.request.recv(SIZE)
        while len(piece) == SIZE:  # BROKEN: a message that fills the buffer has no end.
            piece = self.request.recv(SIZE)
            message += piece
        return message


socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Upper).serve_forever()
