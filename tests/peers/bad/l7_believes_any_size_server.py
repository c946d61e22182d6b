"""Server, lesson 07: waits for as many bytes as somebody claims."""

import _video

# BROKEN: without a limit, a header of 80 bytes keeps the server busy for ever.
_video.LIMIT = 1 << 62
_video.serve()
