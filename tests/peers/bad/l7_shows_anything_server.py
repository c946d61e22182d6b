"""Server, lesson 07: does not look at a frame before it is shown."""

import _video

# BROKEN: what is announced, and what comes, may be anything.
_video.serve(look=lambda jpeg, width, height: None)
