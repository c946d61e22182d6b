"""s000_3, proxy: stands between a client and a server, and passes on what each of them sends.

Wire: no bytes of its own, and none changed. For each client: accepts, closes its listener,
connects upstream, starts a thread for each direction (pieces of up to 4096 bytes), and opens a new
listener on the same port. Without UPSTREAM_HOST and UPSTREAM_PORT it connects to 127.0.0.2, which
on Linux is this machine under another address. A reset ends the thread that meets it, and no other.

Kept on purpose:
  B30  the end of a stream is not noticed: it is not passed on, and sockets and threads leak
  B31  nobody gets in while it connects upstream, and one refused upstream ends it; the port has
       the same number on both sides
  B32  prints `[{}] -> {}` and `[{}] <- {}` as they stand here, without the port and the bytes

Bounded, for the sake of the machine: B30, after 1000 empty reads a thread sleeps 0.1 s before each
further one, where the tutorial's goes on at full speed, and for ever too.
"""

import socket
import sys
import threading

from _common import announce, number, pause_if_endless, server_port, wrong_usage

USAGE = "[LISTEN_PORT [UPSTREAM_HOST UPSTREAM_PORT]]"
UPSTREAM_HOST = "127.0.0.2"


class Proxy(threading.Thread):
    """Takes clients at one listener for ever, and gives each a connection upstream of its own."""

    def __init__(self, listener, upstream):
        super().__init__()
        self.listener = listener
        self.upstream = upstream

    def run(self):
        port = self.listener.getsockname()[1]
        while True:
            # One write with its newline, here and below, so that the lines of two threads do not
            # mix. Whoever has read this line can connect.
            print("代理服务器设置完毕,等待设备接入...\n", end="")
            user, _ = self.listener.accept()
            # BROKEN: B31, until there is a listener again, the next client is refused. One that
            # waits in the queue of this one is reset.
            self.listener.close()
            server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            # BROKEN: B31, nobody catches a ConnectionRefusedError, and there is no listener left.
            server.connect(self.upstream)
            print("代理服务器已和设备连接,正在传输...\n", end="")
            threading.Thread(target=copy, args=(user, server, "[{}] -> {}")).start()
            threading.Thread(target=copy, args=(server, user, "[{}] <- {}")).start()
            self.listener = listen(port)


def copy(source, sink, line):
    empty_reads = 0
    while True:
        data = source.recv(4096)
        if data:
            # BROKEN: B32, the line has places for the port and the bytes, and nobody fills them.
            print(f"{line}\n", end="")
            sink.sendall(data)
        else:
            # BROKEN: B30, `sink` is not told, and while this thread lives, neither socket closes.
            empty_reads += 1
            pause_if_endless(empty_reads)


def listen(port):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Without it a new listener would be refused the port, which the clients' connections hold.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1)
    return listener


if __name__ == "__main__":
    if len(sys.argv) == 3:
        wrong_usage(USAGE)
    listener = listen(server_port(5555, USAGE, more=2))
    if len(sys.argv) == 4:
        upstream = (sys.argv[2], number(int, sys.argv[3], USAGE))
    else:
        # BROKEN: B31, the tutorial's has no other upstream port than the number it listens at.
        upstream = (UPSTREAM_HOST, listener.getsockname()[1])
    announce(listener)
    Proxy(listener, upstream).start()
