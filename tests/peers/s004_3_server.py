"""s004_3, server: sends files by their name, behind a JSON header with length, MD5 and size.

Wire: what one recv(1024) returns is a name in UTF-8. The answer is a signed 32-bit little-endian
length, JSON in ASCII, and the file's bytes (writes of up to 1024); `02 00 00 00` and `{}` alone if
there is no such file. The header is
`{"lenth": 10, "md5": "781e5e245d69b566979b86e28d23f2c7", "size(MB)": 0.0}`, misspelt like this.

FOLDER is where the length and the MD5 are looked up; the tutorial's looks beside its own script,
and so does this one without FOLDER. What it sends it opens in its working directory.

Kept on purpose:
  B05  one recv is taken as one name
  B16  does not notice the end of the file, and never reads again: one file in its life
  B17  serves any name, also `../x` and absolute ones; a folder or an empty name ends it
  B18  looks in one place and opens in another
  B20  takes the MD5 line by line: a file without newlines is wholly in memory
  B22  no SO_REUSEADDR
  B23  send instead of sendall

Bounded, for the sake of the machine: from its thousandth empty read of the file on it reads ten
times a second.
"""

import hashlib
import json
import os
import socket
import struct
import sys

from _common import announce, pause_if_endless, server_port

USAGE = "[PORT [FOLDER]]"

port = server_port(8080, USAGE, more=1)
folder = sys.argv[2] if len(sys.argv) > 2 else os.path.dirname(os.path.abspath(__file__))

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while an old connection is in TIME_WAIT.
listener.bind(("127.0.0.1", port))
listener.listen(5)
announce(listener)

while True:
    conn, _ = listener.accept()
    while True:
        try:
            # BROKEN: B05, two names that arrive together are one, and a long one is cut.
            # BROKEN: B17, at the end of the stream this is empty: the name of the folder itself.
            name = conn.recv(1024).decode("utf-8")
            path = os.path.join(folder, name)
            header = {}
            if os.path.exists(path):
                size = os.path.getsize(path)
                md5 = hashlib.md5()
                with open(path, "rb") as file:
                    # BROKEN: B20, a line may be as long as the file.
                    for line in file:
                        md5.update(line)
                header["lenth"] = size
                header["md5"] = md5.hexdigest()
                header["size(MB)"] = round(size / 1024 / 1024, 2)
            text = json.dumps(header)
            # "<i" and not the native "i", so that the bytes are the same on every machine.
            # BROKEN: B23, the count that send returns is ignored.
            conn.send(struct.pack("<i", len(text)))
            conn.send(text.encode("utf-8"))
            if not header:
                continue
            # BROKEN: B18, the working directory may be another folder; the header is out.
            with open(name, "rb") as file:
                empty_reads = 0
                # BROKEN: B16, at the end of the file this goes on with empty pieces.
                while True:
                    piece = file.read(1024)
                    conn.send(piece)
                    empty_reads += not piece
                    pause_if_endless(empty_reads)
        except ConnectionResetError:
            print("已断开")
            conn.close()
            break
