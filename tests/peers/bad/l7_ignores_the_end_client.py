"""Client, lesson 07: waits for the word of a server that has gone."""

import struct
import time

import _video


def receive_word(conn, sequence):
    word = b""
    while len(word) < 4 or len(word) < 4 + struct.unpack("<i", word[:4])[0]:
        # BROKEN: at the end of the stream this is empty, and the loop goes on.
        piece = conn.recv(1024)
        word += piece
        if not piece:
            time.sleep(0.01)  # for the sake of the machine


_video.film(receive_word)
