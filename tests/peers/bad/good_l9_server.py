"""Server, lesson 09, without a fault."""

import _reliable

_reliable.serve()
