"""s001_11, server: sends every datagram back in upper case, with a thread for each datagram.

Wire: the first 8192 bytes of each datagram are sent back in a datagram with 0x61..0x7A turned into
0x41..0x5A and all other bytes unchanged. An empty datagram is answered by an empty one.

Kept on purpose:
  B05  one read of 8192 bytes is taken as one request: the rest of a longer datagram is lost
"""

import socketserver

from _common import announce, server_port


class Upper(socketserver.BaseRequestHandler):
    def handle(self):
        # For UDP the request is a pair: what has come, and the socket that all threads share.
        data, sock = self.request
        # One write with its newlines, so that the lines of two threads do not mix.
        print(f"{self.client_address}\n{self.request}\n客户消息 {data}\n", end="")
        # bytes.upper() knows ASCII letters only, which is what the protocol wants.
        sock.sendto(data.upper(), self.client_address)


# BROKEN: B05, max_packet_size is 8192 unless somebody sets it.
server = socketserver.ThreadingUDPServer(("127.0.0.1", server_port(8080)), Upper)
announce(server.socket)
server.serve_forever()
