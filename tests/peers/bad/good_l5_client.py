"""Client, lesson 05, without a fault."""

import _threads

_threads.ask()
