"""Client, lesson 05: calls again as fast as it can."""

import _threads
from _good import lines

conn = _threads.call(0)
for line in lines():
    # BROKEN: thousands of tries a second, and no end of them.
    while True:
        try:
            print(_threads.exchange(conn, line.encode()).decode(), flush=True)
            break
        except OSError:
            conn = _threads.call(0)
