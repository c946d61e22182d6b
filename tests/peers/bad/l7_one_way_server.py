"""Server of one-way film: a length, a JPEG, and no answer. Without a fault, and not lesson 07's protocol."""

import _video

# BROKEN: lesson 07's frames have a header, and each is acknowledged.
_video.serve_one_way()
