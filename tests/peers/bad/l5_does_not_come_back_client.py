"""Client, lesson 05: ends with its first connection."""

import sys

import _threads
from _good import lines

conn = _threads.call(0.1)
for line in lines():
    try:
        print(_threads.exchange(conn, line.encode()).decode(), flush=True)
    except OSError as error:
        # BROKEN: a server may be restarted.
        sys.exit(str(error))
