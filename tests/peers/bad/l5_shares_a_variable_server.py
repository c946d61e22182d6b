"""Server, lesson 05: all threads keep what they have received in one variable."""

import socketserver
import time

import _threads
from _good import upper


class Upper(socketserver.BaseRequestHandler):
    # BROKEN: what another thread has received in the meantime is answered instead.
    data = b""

    def handle(self):
        while data := self.request.recv(1024):
            Upper.data = data
            # Any work will do, as long as the threads take turns.
            time.sleep(0.2)
            self.request.sendall(upper(Upper.data))


_threads.serve(Upper)
