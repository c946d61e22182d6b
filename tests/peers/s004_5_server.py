"""s004_5, server: a remote shell with a thread for each client.

Wire: what one recv(1024) returns is a command in UTF-8. The answer is three writes: a signed
32-bit little-endian length, then all of standard output, then all of standard error. No output
is an answer of length 0.

Kept on purpose:
  B05  one recv is taken as one command
  B06  reads one pipe to its end before the other: more than 64 KiB of stderr hangs the thread
  B11  the end of the stream is not noticed, but run as an empty command
  B22  no SO_REUSEADDR, which is socketserver's default
  B23  send instead of sendall
  B29  runs anything, for anybody who can connect; it listens on loopback only
"""

import socketserver
import struct
import subprocess

from _common import announce, end_if_endless, server_port


class Shell(socketserver.BaseRequestHandler):
    def handle(self):
        host, port = self.client_address
        empty_reads = 0
        # There is no way out of this loop but an exception. socketserver prints it, closes the
        # connection and goes on with the other threads.
        while True:
            # One write with its newline, so that the lines of two threads do not mix.
            print(f"客户端<{host},{port}>已连接\n", end="")
            # BROKEN: B05, two commands that arrive together are run as one.
            # BROKEN: B11, after the end of the stream this is empty, and still run and answered.
            command = self.request.recv(1024)
            empty_reads += not command
            end_if_endless(empty_reads)
            # BROKEN: B29, a shell runs whatever came.
            process = subprocess.Popen(
                command.decode("utf-8"),
                shell=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            # BROKEN: B06, while this waits for the end of stdout, nobody empties stderr.
            stdout = process.stdout.read()
            stderr = process.stderr.read()
            # "<i" and not the native "i", so that the bytes are the same on every machine.
            self.request.send(struct.pack("<i", len(stdout) + len(stderr)))
            # BROKEN: B23, the count that send returns is ignored.
            self.request.send(stdout)
            self.request.send(stderr)


# BROKEN: B22, allow_reuse_address is False unless somebody sets it.
server = socketserver.ThreadingTCPServer(("127.0.0.1", server_port(8080)), Shell)
announce(server.socket)
server.serve_forever()
