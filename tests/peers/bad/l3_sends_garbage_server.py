"""Server, lesson 03: sends bytes that mean nothing."""

import _good


def send(conn, message):
    # BROKEN: these are not the bytes of any message.
    conn.sendall(bytes(range(0xF0, 0x100)))


_good.serve_commands(send=send)
