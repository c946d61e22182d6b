"""Client, lesson 01: sends the new line too."""

import _good

# BROKEN: what is typed is sent without the Enter.
_good.ask_upper(end="\n")
