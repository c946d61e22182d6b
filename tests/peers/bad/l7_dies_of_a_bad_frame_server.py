"""Server, lesson 07: an error of one film ends the server."""

import sys

import _video


def look(jpeg, width, height):
    try:
        _video.look(jpeg, width, height)
    except ValueError as error:
        # BROKEN: the next client may have a better film.
        sys.exit(f"cannot show this: {error}")


_video.serve(look=look)
