"""What the bad programs of lesson 05 do right."""

import socket
import socketserver
import sys
import time

from _good import lines, upper


class Server(socketserver.ThreadingTCPServer):
    """A thread for each client."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Says what happened, unless it is that a client has left."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            print(error, file=sys.stderr)


class Upper(socketserver.BaseRequestHandler):
    """Sends back what it gets, in upper case."""

    def handle(self):
        while data := self.request.recv(1024):
            self.request.sendall(upper(data))


def serve(handler=Upper, server=Server):
    """Serves for ever."""
    server(("127.0.0.1", int(sys.argv[1])), handler).serve_forever()


def call(pause):
    """A connection, after a few tries."""
    for _ in range(10):
        try:
            return socket.create_connection((sys.argv[1], int(sys.argv[2])))
        except OSError:
            time.sleep(pause)
    sys.exit("nobody listens")


def exchange(conn, question):
    """The answer, which is as long as the question."""
    conn.sendall(question)
    answer = b""
    while len(answer) < len(question):
        piece = conn.recv(len(question) - len(answer))
        if not piece:
            raise ConnectionResetError("the server has closed the connection")
        answer += piece
    return answer


def ask(pause=0.1):
    """Sends each line, and shows its answer; calls again when the connection ends."""
    conn = call(pause)
    for line in lines():
        for _ in range(10):
            try:
                print(exchange(conn, line.encode()).decode("utf-8", "replace"), flush=True)
                break
            except OSError:
                time.sleep(pause)
                conn = call(pause)
        else:
            sys.exit("gave up")
