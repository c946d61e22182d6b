"""Server, lesson 04: has room for the first 100 bytes of a datagram."""

import _datagrams

# BROKEN: the rest of a longer datagram is lost.
_datagrams.serve(room=100)
