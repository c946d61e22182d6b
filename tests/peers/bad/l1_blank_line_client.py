"""Client, lesson 01: sends an empty line, and waits for its answer."""

import sys

import _good

# BROKEN: nothing is sent for a blank line, so nothing is answered.
_good.ask_upper(typed=lambda: map(str.strip, sys.stdin))
