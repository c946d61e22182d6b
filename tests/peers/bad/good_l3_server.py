"""Server, lesson 03, without a fault."""

import _good

_good.serve_commands()
