"""A proxy between clients and a server, its upstream: python3 main.py PORT HOST UPSTREAM"""

import socket
import sys
import threading


def copy(source, sink):
    """Passes on what comes from one side to the other, and then the end."""
    while piece := source.recv(65536):
        sink.sendall(piece)
    # The other direction may still have an answer to bring: only this one ends.
    sink.shutdown(socket.SHUT_WR)


def lead(client, upstream):
    """Leads one client, until both directions have ended."""
    with client, upstream:
        down = threading.Thread(target=copy, args=(upstream, client), daemon=True)
        down.start()
        copy(client, upstream)
        down.join()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
while True:
    client, address = server.accept()
    upstream = socket.create_connection((sys.argv[2], int(sys.argv[3])))
    threading.Thread(target=lead, args=(client, upstream), daemon=True).start()
