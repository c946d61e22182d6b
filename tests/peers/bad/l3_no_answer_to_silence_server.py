"""Server, lesson 03: sends nothing when a command prints nothing."""

import _good


def send(conn, message):
    # BROKEN: an empty answer is an answer.
    if message:
        _good.send_message(conn, message)


_good.serve_commands(send=send)
