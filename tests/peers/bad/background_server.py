"""Server, lesson 01, that goes into the background as a daemon does."""

import os

from _good import serve, upper

# BROKEN: whoever starts it ends it with its group, and it leaves that.
for leave in (os.setsid, lambda: None):
    if os.fork():
        os._exit(0)
    leave()
for stream in (1, 2):
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def converse(conn):
    while data := conn.recv(1024):
        conn.sendall(upper(data))


serve(converse)
