"""s001_8, server: a length, a JSON header that says how long the output is, then the output.

Wire: what one recv(1024) returns is a command in UTF-8. The answer is four writes: the length of
the JSON text as a signed 32-bit little-endian integer; the JSON text, in ASCII; standard output;
standard error. `total_size` is the length of both. One client in its life, because the first
that leaves ends the server.

Kept on purpose:
  B05  one recv is taken as one command
  B06  reads one pipe to its end before the other: more than 64 KiB of stdout hangs it for ever
  B11  the end of the stream is not noticed, but run as an empty command
  B21  `filename` and `hash` are constants that say nothing about the output
  B22  no SO_REUSEADDR
  B23  send instead of sendall
  B29  runs anything, for anybody who can connect; it listens on loopback only
"""

import json
import socket
import struct
import subprocess

from _common import announce, end_if_endless, server_port

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while an old connection is in TIME_WAIT.
listener.bind(("127.0.0.1", server_port(8000)))
listener.listen(5)
announce(listener)

print("start...")
conn, address = listener.accept()
print(conn, address)
empty_reads = 0
while True:
    # BROKEN: B05, two commands that arrive together are run as one.
    # BROKEN: B11, after the end of the stream this is empty, and still run and answered.
    command = conn.recv(1024)
    empty_reads += not command
    end_if_endless(empty_reads)
    # BROKEN: B29, a shell runs whatever came, and the command reads the server's own input.
    process = subprocess.Popen(
        command.decode("utf-8"),
        shell=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # BROKEN: B06, while this waits for the end of stderr, nobody empties stdout.
    stderr = process.stderr.read()
    stdout = process.stdout.read()
    # BROKEN: B21, only the size means something. json.dumps keeps the order of the keys.
    header = {
        "filename": "a.txt",
        "total_size": len(stdout) + len(stderr),
        "hash": "xasf123213123",
    }
    header = json.dumps(header).encode("ascii")
    # "<i" and not the native "i", so that the bytes are the same on every machine.
    conn.send(struct.pack("<i", len(header)))
    conn.send(header)
    # BROKEN: B23, the count that send returns is ignored.
    conn.send(stdout)
    conn.send(stderr)
