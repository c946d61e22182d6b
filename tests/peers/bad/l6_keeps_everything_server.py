"""Proxy, lesson 06: receives as fast as it can, and keeps what it cannot send."""

import queue
import socket
import threading

import _proxy


def copy(source, sink):
    # BROKEN: a queue without a limit. A slow receiver does not stop the sender.
    pieces = queue.Queue()

    def send():
        try:
            while data := pieces.get():
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            # Whoever has not read has gone.
            pass

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    while data := source.recv(65536):
        pieces.put(data)
    pieces.put(b"")
    sender.join()


_proxy.serve(lambda client, upstream: _proxy.lead(client, upstream, copy))
