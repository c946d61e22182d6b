"""s000_1, server: confirms every message with the same word.

Wire: takes what one recv(1024) returns as a message, and answers each, an empty one too, with
`sok` (3 bytes). Serves one client in its life.

Kept on purpose:
  B02  the end of the stream is not noticed, so the first client that leaves ends the server
  B05  one recv is taken as one message
  B07  a character that lies on the border of two reads cannot be decoded
  B22  no SO_REUSEADDR
"""

import socket

from _common import announce, end_if_endless, server_port

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while an old connection is in TIME_WAIT.
listener.bind(("127.0.0.1", server_port(5270)))
listener.listen(4)
announce(listener)

print("waiting connect")
conn, address = listener.accept()
print(f"{address[0]}is connected!")
empty_reads = 0
try:
    while True:
        # BROKEN: B05, two messages that arrive together are read, and answered, as one.
        message = conn.recv(1024)
        empty_reads += not message
        end_if_endless(empty_reads)
        # BROKEN: B07, a message cut inside a character is a UnicodeDecodeError.
        print(message.decode("utf-8"))
        # BROKEN: B02, the end of the stream is answered like a message, until a send fails.
        conn.send(b"sok")
finally:
    # There is no `except`: whatever ended the loop ends the program with status 1.
    print("work over!")
    conn.close()
    listener.close()
