"""s000_3, multiport: six proxies in one process, for a client that talks to several servers.

Wire: each port does what s000_3_proxy does, its faults included. The ports are 3000 to 3005, or the
six from BASE on (0 for six free ones), and each leads to the same number at UPSTREAM_HOST, which is
127.0.0.2 when it is not given. LISTEN=UPSTREAM, as often as wanted, is one port that leads to
another number at 127.0.0.1. A line `listening on` for each comes first, in the order of the ports.

Kept on purpose:
  B31  the port has the same number on both sides, and one refused upstream ends its port, while
       the others go on
"""

import sys

from _common import announce, number, server_port, wrong_usage
from s000_3_proxy import UPSTREAM_HOST, Proxy, listen

USAGE = "[BASE [UPSTREAM_HOST] | LISTEN=UPSTREAM...]"


def pair(text):
    """Returns the two port numbers of LISTEN=UPSTREAM."""
    listen_port, equals, upstream_port = text.partition("=")
    if not equals:
        wrong_usage(USAGE)
    return number(int, listen_port, USAGE), number(int, upstream_port, USAGE)


if len(sys.argv) > 1 and "=" in sys.argv[1]:
    host = "127.0.0.1"
    ports = [pair(argument) for argument in sys.argv[1:]]
else:
    host = sys.argv[2] if len(sys.argv) > 2 else UPSTREAM_HOST
    base = server_port(3000, USAGE, more=1)
    # BROKEN: B31, the tutorial's has no other upstream port than the number it listens at.
    ports = [(base + n if base else 0, None) for n in range(6)]

proxies = []
for listen_port, upstream_port in ports:
    listener = listen(listen_port)
    announce(listener)
    if upstream_port is None:
        upstream_port = listener.getsockname()[1]
    proxies.append(Proxy(listener, (host, upstream_port)))
for proxy in proxies:
    # BROKEN: B31, a thread that a refused upstream has ended is not started again.
    proxy.start()
