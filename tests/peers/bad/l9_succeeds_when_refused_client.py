"""Client, lesson 09: is told that its file is refused, and says nothing."""

import sys

import _reliable

try:
    _reliable.send()
except SystemExit:
    # BROKEN: whoever has called this program takes the file for sent.
    sys.exit(0)
