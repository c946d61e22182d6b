"""Server, lesson 05: one thread for all clients, which waits for the one that does not read."""

import selectors
import socket
import sys

from _good import upper

waiting = selectors.DefaultSelector()
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
waiting.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in waiting.select():
        if key.fileobj is listener:
            waiting.register(listener.accept()[0], selectors.EVENT_READ)
            continue
        try:
            data = key.fileobj.recv(1024)
            # BROKEN: select has said that there is something to read, and not that there is room.
            key.fileobj.sendall(upper(data))
        except OSError:
            data = b""
        if not data:
            waiting.unregister(key.fileobj)
            key.fileobj.close()
