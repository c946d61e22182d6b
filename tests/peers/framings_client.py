"""A client with any framing, healthy or broken in one way: it sends each line, and shows its answer.

    python3 framings_client.py HOST PORT FRAMING [BREAK]
"""

import socket
import sys

from _framings import BREAKS, Reader, encode


def main(host, port, framing, broken="none"):
    assert broken in BREAKS
    request, _, answered = framing.partition(",")
    try:
        conn = socket.create_connection((host, int(port)))
        reader = Reader(conn, answered or request, broken)
        for line in filter(None, (line.rstrip("\n") for line in sys.stdin)):
            conn.sendall(encode(request, line.encode()))
            if request == "end":
                conn.shutdown(socket.SHUT_WR)
            answer = reader.message()
            if answer is None:
                sys.exit("the server has closed the connection")
            print(answer.decode("utf-8", "replace"), flush=True)
            if "end" in (request, answered):
                return
    except (OSError, ValueError) as error:
        sys.exit(f"no answer: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
