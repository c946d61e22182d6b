"""Server, lesson 05, that takes in everybody, waits for ever, and dies of Ctrl-C."""

import _threads

# BROKEN: no limit for the clients, no end of a wait, and no word on Ctrl-C.
_threads.serve()
