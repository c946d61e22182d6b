"""s001_2, server: runs a command and sends its output, with nothing to say where it ends.

Wire: what one recv(1024) returns is a command in UTF-8. The answer is all of its standard output,
then all of its standard error, raw. No length, no end mark; no output, no answer. One client at
a time.

Kept on purpose:
  B05  one recv is taken as one command
  B06  reads one pipe to its end before the other: more than 64 KiB of stderr hangs it for ever
  B22  no SO_REUSEADDR
  B23  send instead of sendall
  B25  a command without output is not answered
  B29  runs anything, for anybody who can connect; it listens on loopback only
"""

import socket
import subprocess

from _common import announce, server_port

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while an old connection is in TIME_WAIT.
listener.bind(("127.0.0.1", server_port(8000)))
listener.listen(5)
announce(listener)

print("start...")
while True:
    conn, address = listener.accept()
    print("from client:", address)
    while True:
        # A reset (a client that left with unread answers) raises here, and ends the server.
        # BROKEN: B05, two commands that arrive together are run as one.
        command = conn.recv(1024)
        if not command:
            break
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
        # BROKEN: B25, two empty sends put nothing on the wire, and the client waits for ever.
        # BROKEN: B23, the count that send returns is ignored.
        conn.send(stdout)
        conn.send(stderr)
    conn.close()
