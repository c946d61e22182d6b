"""Server, lesson 04, without a fault."""

import _datagrams

_datagrams.serve()
