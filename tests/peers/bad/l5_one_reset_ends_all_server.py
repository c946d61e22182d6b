"""Server, lesson 05: one thread for all clients, and a reset ends it."""

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
        # BROKEN: recv raises ConnectionResetError, and all clients lose their server.
        if data := key.fileobj.recv(1024):
            key.fileobj.sendall(upper(data))
        else:
            waiting.unregister(key.fileobj)
            key.fileobj.close()
