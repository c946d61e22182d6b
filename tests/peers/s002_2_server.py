"""s002_2, server: runs a command and sends a length, then the output.

Wire: what one recv(1024) returns is a command in UTF-8. The answer is two writes: a signed 32-bit
little-endian length, then that many bytes: standard error if there is any, else standard output,
else eight bytes of GBK that say it succeeded. Output is sent as the command wrote it. One client
at a time.

Kept on purpose:
  B05  one recv is taken as one command
  B06  reads one pipe to its end before the other: more than 64 KiB of stdout hangs it for ever,
       and so does a command that reads its input
  B09  the connection stays open until the next client is accepted; stdout is thrown away if
       there is any stderr; a command that fails silently is called a success
  B22  no SO_REUSEADDR
  B23  send instead of sendall
  B29  runs anything, for anybody who can connect; it listens on loopback only
"""

import socket
import struct
import subprocess

from _common import announce, server_port

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while an old connection is in TIME_WAIT.
listener.bind(("127.0.0.1", server_port(8080)))
listener.listen(5)
announce(listener)

while True:
    # BROKEN: B09, nobody closes a connection. CPython does it when `conn` gets its next value,
    # which is after the next client was accepted.
    conn, _ = listener.accept()
    while True:
        try:
            # BROKEN: B05, two commands that arrive together are run as one.
            command = conn.recv(1024)
            if not command:
                break
            print("收到客户端的命令", command)
            # BROKEN: B29, a shell runs whatever came.
            # BROKEN: B06, the command's input is a pipe that stays open, so `cat` never ends.
            process = subprocess.Popen(
                command.decode("utf-8"),
                shell=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            # BROKEN: B06, while this waits for the end of stderr, nobody empties stdout.
            output = process.stderr.read()
            if not output:
                # BROKEN: B09, with any stderr, stdout is never looked at.
                output = process.stdout.read()
            if not output:
                # BROKEN: B09, the exit status is not looked at either.
                output = "执行成功".encode("gbk")
            # "<i" and not the native "i", so that the bytes are the same on every machine.
            conn.send(struct.pack("<i", len(output)))
            # BROKEN: B23, the count that send returns is ignored.
            conn.send(output)
            print("信息发送完毕")
        except Exception as error:
            print(error)
            break
