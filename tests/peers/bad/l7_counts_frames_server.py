"""Server, lesson 07: counts the frames itself."""

import itertools

import _video

count = itertools.count(1)


def acknowledge(conn, sequence):
    # BROKEN: numbers are missing where the client has dropped a frame.
    _video.send_message(conn, {"received": next(count)})


_video.serve(acknowledge=acknowledge)
