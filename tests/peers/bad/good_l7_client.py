"""Client, lesson 07: without a fault."""

import _video

_video.film()
