"""Server of one-way film: reads the image with one recv."""

import _video


def receive_image(conn, size):
    # BROKEN: recv(n) returns at most n bytes, and at least one.
    return conn.recv(size)


_video.serve_one_way(receive_image=receive_image)
