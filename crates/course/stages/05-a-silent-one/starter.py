"""A server for many clients at once, that answers in upper case: python3 main.py PORT"""

import socket
import sys
import threading

places = threading.Semaphore(100)


def converse(connection):
    """Answers each request, until the client has left."""
    # ASK: a client that says nothing keeps its place for ever. Send it away after 3 seconds.
    # 一声不响的客户端会把位子永远占下去。3 秒不说话，就请它离开。
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
while True:
    connection, address = server.accept()
    if not places.acquire(blocking=False):
        refuse(connection)
        continue
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
