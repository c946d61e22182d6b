"""Client, lesson 01, without a fault."""

import _good

_good.ask_upper()
