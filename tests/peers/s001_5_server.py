"""s001_5, server: announces the length as text, waits for `recv_ready`, then sends the output.

Wire: what one recv(1024) returns is a command in UTF-8. The answer is the length of the output
in decimal ASCII without a terminator; then one recv(1024) must be exactly `recv_ready` (10
bytes), and the output follows. If it is anything else, nothing is sent, and the next recv is
taken as a command. One client in its life, because the first that leaves ends the server.

Kept on purpose:
  B05  one recv is taken as one command, and one as the acknowledgement
  B06  reads one pipe to its end before the other: more than 64 KiB of stderr hangs it for ever
  B10  stderr is dropped when there is any stdout
  B11  the end of the stream is not noticed, but run as an empty command
  B22  no SO_REUSEADDR
  B29  runs anything, for anybody who can connect; it listens on loopback only
"""

import socket
import subprocess

from _common import announce, end_if_endless, server_port

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while an old connection is in TIME_WAIT.
listener.bind(("127.0.0.1", server_port(8000)))
listener.listen(5)
announce(listener)

print("start...")
conn, _ = listener.accept()
empty_reads = 0
while True:
    # BROKEN: B05, `recv_ready` or a second command that arrives with this one is part of it.
    # BROKEN: B11, after the end of the stream this is empty, and still run and answered.
    command = conn.recv(1024)
    empty_reads += not command
    end_if_endless(empty_reads)
    print("cmd:", command)
    # BROKEN: B29, a shell runs whatever came; a command that is not UTF-8 ends the server.
    process = subprocess.Popen(
        command.decode("utf-8"),
        shell=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # BROKEN: B06, while this waits for the end of stdout, nobody empties stderr.
    stdout = process.stdout.read()
    stderr = process.stderr.read()
    # BROKEN: B10, a command that writes to both loses what it wrote to stderr.
    output = stdout or stderr
    conn.send(str(len(output)).encode("ascii"))
    # BROKEN: B05, an acknowledgement with the next command glued to it is none.
    if conn.recv(1024) == b"recv_ready":
        conn.sendall(output)
