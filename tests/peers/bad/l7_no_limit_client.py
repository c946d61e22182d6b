"""Client, lesson 07: sends frame after frame, and hears nothing."""

import _video

# BROKEN: what the link cannot carry piles up in the buffers, and the picture gets old.
_video.film(receive_word=lambda conn, sequence: None)
