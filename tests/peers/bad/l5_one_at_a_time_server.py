"""Server, lesson 05: serves one client at a time."""

import socketserver

import _threads


class Server(socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 128


# BROKEN: TCPServer without ThreadingMixIn, so the next client waits until this one has left.
_threads.serve(server=Server)
