"""Server, lesson 08: without a fault."""

import _files

_files.Server().run()
