"""A server for many clients at once, that answers in upper case: python3 main.py PORT"""

import socket
import sys
import threading

places = threading.Semaphore(100)


def converse(connection):
    """Answers each request, until the client has left, or says nothing for 3 seconds."""
    connection.settimeout(3)
    while True:
        request = connection.recv(1024)
        if not request:
            break
        connection.sendall(request.upper())


def serve(connection):
    """One client, from the first request to the last. Its trouble is nobody else's."""
    try:
        converse(connection)
    except OSError as error:
        print("the conversation ends:", error)
    connection.close()
    places.release()


def refuse(connection):
    """Tells a client that there is no room."""
    try:
        connection.sendall(b"busy: all places are taken; try again later\n")
    except OSError as error:
        print("nobody hears that there is no room:", error)
    connection.close()


server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
try:
    while True:
        connection, address = server.accept()
        if not places.acquire(blocking=False):
            refuse(connection)
            continue
        threading.Thread(target=serve, args=(connection,), daemon=True).start()
except KeyboardInterrupt:
    # The threads are daemons: they end with the program.
    print("the server ends")
