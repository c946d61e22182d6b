"""Server, lesson 09: keeps a file wherever its name leads."""

import _reliable

# BROKEN: a name may be `../judge-secret`.
_reliable.is_plain = lambda name: True
_reliable.serve()
