"""Server, lesson 01: an error ends the thread of a client, and the program goes on."""

import socketserver
import sys


class Upper(socketserver.BaseRequestHandler):
    def handle(self):
        data = self.request.recv(1024)
        # BROKEN: no request of this protocol stands in the table.
        raise KeyError(r"no entry in C:\table\new for " + data.decode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


Server(("127.0.0.1", int(sys.argv[1])), Upper).serve_forever()
