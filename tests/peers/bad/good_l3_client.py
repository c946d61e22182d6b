"""Client, lesson 03, without a fault."""

import _good

_good.ask_commands()
