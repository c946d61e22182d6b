"""Server: a JSON value on each line, and back."""

import json
import socketserver
import sys


class Lines(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            try:
                answer = {"status": "ok", "request": json.loads(line)}
            except ValueError:
                return
            self.wfile.write(json.dumps(answer).encode() + b"\n")


socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Lines).serve_forever()
