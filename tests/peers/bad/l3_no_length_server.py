"""Server, lesson 03: sends its answers without a length."""

import _good


def send(conn, message):
    # BROKEN: the client cannot know where the answer ends.
    conn.sendall(message)


_good.serve_commands(send=send)
