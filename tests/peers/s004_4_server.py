"""s004_4, server: says politely what it got, with a thread for each client.

Wire: what one recv(1024) returns is a request in UTF-8. The answer is UTF-8 too, with the request
between ASCII brackets and an ASCII comma and exclamation mark: 46 bytes around the request's own.

Kept on purpose:
  B05  one recv is taken as one request
  B07  a character that lies on the border of two reads cannot be decoded
  B11  the end of the stream is not noticed, but answered like an empty request
  B22  no SO_REUSEADDR, which is socketserver's default
"""

import socketserver

from _common import announce, end_if_endless, server_port


class PoliteEcho(socketserver.BaseRequestHandler):
    def handle(self):
        empty_reads = 0
        # There is no way out of this loop but an exception. socketserver prints it, closes the
        # connection and goes on with the other threads.
        while True:
            # BROKEN: B05, two requests that arrive together get one answer.
            # BROKEN: B11, after the end of the stream this is empty, and still answered.
            request = self.request.recv(1024)
            empty_reads += not request
            end_if_endless(empty_reads)
            # BROKEN: B07, a request cut inside a character is a UnicodeDecodeError.
            text = request.decode("utf-8")
            self.request.send(f"我已收到您的请求[{text}],感谢您的关注!".encode("utf-8"))


# BROKEN: B22, allow_reuse_address is False unless somebody sets it.
server = socketserver.ThreadingTCPServer(("127.0.0.1", server_port(8080)), PoliteEcho)
announce(server.socket)
server.serve_forever()
