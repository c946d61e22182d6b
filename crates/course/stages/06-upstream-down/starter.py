"""A proxy between clients and a server, its upstream: python3 main.py PORT HOST UPSTREAM"""

import socket
import struct
import sys
import threading


def copy(source, sink):
    """Passes on what comes from one side to the other, and then the end."""
    while piece := source.recv(65536):
        sink.sendall(piece)
    # The other direction may still have an answer to bring: only this one ends.
    sink.shutdown(socket.SHUT_WR)


def reset(connection):
    """From now on, closing this connection sends a reset. Who waits for its bytes waits no longer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        pass  # This side is gone already.


def direction(source, sink):
    """Copies one way; when one side breaks off, the other one hears it."""
    try:
        copy(source, sink)
    except OSError:
        reset(source)
        reset(sink)


def lead(client, upstream):
    """Leads one client, until both directions have ended."""
    with client, upstream:
        down = threading.Thread(target=direction, args=(upstream, client), daemon=True)
        down.start()
        direction(client, upstream)
        down.join()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
while True:
    client, address = server.accept()
    # ASK: the upstream may be down. That ends this client, and nobody else.
    # 上游可能没有启动。这只该结束这一个客户端，不影响别人。
    upstream = socket.create_connection((sys.argv[2], int(sys.argv[3])))
    threading.Thread(target=lead, args=(client, upstream), daemon=True).start()
