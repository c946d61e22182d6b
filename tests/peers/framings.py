"""A server with any framing, healthy or broken in one way; it serves one client after the other.

    python3 framings.py PORT FRAMING [SERVICE [BREAK]]

FRAMING is one for both directions, or REQUEST,ANSWER. SERVICE is echo, upper, reply or command; BREAK is one of _framings.BREAKS.
"""

import shlex
import socket
import subprocess
import sys

from _framings import BREAKS, Reader, encode

ALLOWED = {"echo", "seq", "true"}


def run(command):
    """What an allowed command prints, without a shell."""
    words = shlex.split(command.decode("utf-8", "surrogateescape"))
    if not words or words[0] not in ALLOWED:
        return b"not allowed\n"
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=10).stdout


SERVICES = {"echo": bytes, "upper": bytes.upper, "reply": lambda request: b"sok", "command": run}


def converse(conn, framing, service, broken):
    """Answers one client until it hangs up."""
    request, _, answered = framing.partition(",")
    reader = Reader(conn, request, broken)
    while (message := reader.message()) is not None:
        answer = SERVICES[service](message)
        if service == "command" and (answered or request) == "line":
            answer = answer.removesuffix(b"\n")
        conn.sendall(encode(answered or request, answer))
        if "end" in (request, answered):
            return


def main(port, framing, service="echo", broken="none"):
    assert broken in BREAKS
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(port)))
        listener.listen(128)
        while True:
            conn, _ = listener.accept()
            with conn:
                try:
                    converse(conn, framing, service, broken)
                except ValueError as error:
                    print(error, file=sys.stderr)
                except OSError:
                    if broken == "reset":  # BROKEN: one client's end is no reason to end all.
                        raise


if __name__ == "__main__":
    main(*sys.argv[1:])
