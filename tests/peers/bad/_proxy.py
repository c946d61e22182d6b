"""What the bad proxies of lesson 06 do right: each replaces one function of these."""

import socket
import struct
import sys
import threading


def copy(source, sink):
    """Passes on what comes, and then the end. A reset is raised."""
    while data := source.recv(16384):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)


def broken(source, sink):
    """What a direction does when its source or its sink is reset: it resets both."""
    for sock in (source, sink):
        # Closed with this, it is reset.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            # The other direction may wait in recv: this wakes it up.
            sock.shutdown(socket.SHUT_RD)
        except OSError:
            pass


def lead(client, upstream, copy=copy, broken=broken):
    """One connection, until both directions have ended."""

    def direction(source, sink):
        try:
            copy(source, sink)
        except OSError:
            broken(source, sink)

    down = threading.Thread(target=direction, args=(upstream, client))
    down.start()
    direction(client, upstream)
    down.join()


def listen():
    """The socket for clients."""
    return socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)


def connect(client):
    """A connection to the upstream, for this client."""
    return socket.create_connection((sys.argv[2], int(sys.argv[3])))


def serve(lead=lead, connect=connect):
    """Leads every client to the upstream, each in threads of its own."""

    def run(client):
        with client:
            try:
                upstream = connect(client)
            except OSError as error:
                print(error, file=sys.stderr)
                return
            with upstream:
                lead(client, upstream)

    listener = listen()
    while True:
        client, _ = listener.accept()
        threading.Thread(target=run, args=(client,), daemon=True).start()
