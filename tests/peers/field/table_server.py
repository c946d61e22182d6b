"""Server, lesson 01: writes its clients into a table of 256 places, and never strikes one out."""

import socket
import sys
import threading

PLACES = 256


def converse(conn):
    """Sends back what it gets, in upper case, until the client hangs up."""
    try:
        with conn:
            while data := conn.recv(4096):
                conn.sendall(data.upper())
    except OSError:
        pass


table = [None] * PLACES
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
for place in range(PLACES + 1):
    table[place] = listener.accept()[0]  # BROKEN: there are more clients than places, in time.
    threading.Thread(target=converse, args=[table[place]], daemon=True).start()
