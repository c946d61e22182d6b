"""s001_10, server: sends back what it gets in upper case, with a thread for each client.

Wire: each recv of up to 1024 bytes is sent back with 0x61..0x7A turned into 0x41..0x5A and all
other bytes unchanged. Prints nothing of what it gets.

Kept on purpose:
  B05  one recv is taken as one request (harmless here: any cut of the stream gives the same bytes)
  B22  no SO_REUSEADDR, which is socketserver's default
"""

import socketserver

from _common import announce, server_port


class Upper(socketserver.BaseRequestHandler):
    def handle(self):
        while True:
            try:
                # BROKEN: B05, a request of more than 1024 bytes is several requests.
                data = self.request.recv(1024)
                if not data:
                    break
                # bytes.upper() knows ASCII letters only, which is what the protocol wants.
                self.request.send(data.upper())
            except ConnectionResetError:
                break


# BROKEN: B22, allow_reuse_address is False unless somebody sets it.
server = socketserver.ThreadingTCPServer(("127.0.0.1", server_port(8080)), Upper)
announce(server.socket)
server.serve_forever()
