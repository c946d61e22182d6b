"""Client, lesson 01: does not notice that the server has gone."""

import _good


def receive(conn):
    data = b""
    # BROKEN: after the end every recv is empty, so this turns for ever.
    while not data:
        data = conn.recv(1024)
    return data


_good.ask_upper(receive)
