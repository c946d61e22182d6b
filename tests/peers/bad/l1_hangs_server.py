"""Server, lesson 01: accepts, and says nothing."""

import time

from _good import serve


def converse(conn):
    # BROKEN: nobody reads, and nobody answers.
    time.sleep(3600)


serve(converse)
