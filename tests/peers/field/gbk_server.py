"""Server, lesson 03: answers as a Chinese Windows does, in GBK."""

import socketserver
import struct
import sys


class Command(socketserver.StreamRequestHandler):
    def handle(self):
        while len(head := self.rfile.read(4)) == 4:
            (size,) = struct.unpack("<i", head)
            name = self.rfile.read(size).split()[0].decode()
            text = f"'{name}' 不是内部或外部命令,也不是可运行的程序\r\n".encode("gbk")
            self.wfile.write(struct.pack("<i", len(text)) + text)


socketserver.ThreadingTCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Command).serve_forever()
