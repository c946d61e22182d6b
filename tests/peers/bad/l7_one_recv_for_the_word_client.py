"""Client, lesson 07: takes one recv for a whole word of the server."""

import json

import _video


def receive_word(conn, sequence):
    # BROKEN: one recv may give half of the word, or two of them.
    word = json.loads(conn.recv(1024)[4:])
    if word["received"] != sequence:
        raise ValueError("this is the word for another frame")


_video.film(receive_word)
