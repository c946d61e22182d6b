"""Client, lesson 04: takes an answer from anybody."""

import socket
import sys

import _datagrams


def exchange(question):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(0.5)
    for _ in range(4):
        sock.sendto(question, (sys.argv[1], int(sys.argv[2])))
        try:
            # BROKEN: nobody looks at the address.
            answer, _ = sock.recvfrom(65535)
            return answer
        except TimeoutError:
            pass
    sys.exit("nobody answers")


_datagrams.ask(exchange)
