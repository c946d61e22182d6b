"""A server for many clients at once, that answers in upper case: python3 main.py PORT"""

import socket
import sys
import threading


def converse(connection):
    """Answers each request, until the client has left."""
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


server = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=128)
while True:
    connection, address = server.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
