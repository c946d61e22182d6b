"""A proxy that receives and sends in threads of their own: python3 main.py PORT HOST UPSTREAM"""

import queue
import socket
import sys
import threading


def receive(source, pieces):
    """Puts into the queue what comes; an empty piece is the end."""
    try:
        while piece := source.recv(65536):
            pieces.put(piece)
    finally:
        pieces.put(b"")


def send(pieces, sink):
    """Sends what is in the queue, and then the end."""
    try:
        while piece := pieces.get():
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # Nobody takes it any more: what still comes is thrown away.
        while pieces.get():
            pass


def lead(client, upstream):
    """Leads one client, until both directions have ended."""
    with client, upstream:
        up, down = queue.Queue(16), queue.Queue(16)
        work = [(receive, client, up), (send, up, upstream), (receive, upstream, down), (send, down, client)]
        threads = [threading.Thread(target=do, args=(it, to), daemon=True) for do, it, to in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
while True:
    client, address = server.accept()
    upstream = socket.create_connection((sys.argv[2], int(sys.argv[3])))
    threading.Thread(target=lead, args=(client, upstream), daemon=True).start()
