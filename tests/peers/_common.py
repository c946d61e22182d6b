"""What every peer does before its conversation starts: arguments, console, the listening line.

Importing this module makes standard input and output UTF-8, whatever the locale says, and
flushes standard output at every line, so that a test that reads a pipe sees a line as soon as
it is printed.
"""

import sys
import time

for stream in (sys.stdin, sys.stdout):
    stream.reconfigure(encoding="utf-8")
sys.stdout.reconfigure(line_buffering=True)


def server_port(default, usage="[PORT]", more=0):
    """Returns the port of `SERVER [PORT]`, 0 for a free one; up to `more` arguments may follow."""
    arguments = sys.argv[1:]
    if len(arguments) > 1 + more:
        wrong_usage(usage)
    return number(int, arguments[0], usage) if arguments else default


def client_address(default_port, usage="[HOST PORT]", more=0):
    """Returns host and port of `CLIENT [HOST PORT]`; up to `more` arguments may follow."""
    arguments = sys.argv[1:]
    if not arguments:
        return "127.0.0.1", default_port
    if not 2 <= len(arguments) <= 2 + more:
        wrong_usage(usage)
    return arguments[0], number(int, arguments[1], usage)


def number(kind, text, usage):
    """Returns `text` as a number of the given kind that is not negative."""
    try:
        value = kind(text)
    except ValueError:
        wrong_usage(usage)
    if value < 0:
        wrong_usage(usage)
    return value


def wrong_usage(usage):
    print(f"usage: {sys.argv[0]} {usage}", file=sys.stderr)
    sys.exit(2)


def announce(sock):
    """Prints the first line of every server, which tells a test that it may begin, and where.

    A TCP socket must be listening by then; a UDP socket takes datagrams once it is bound.
    """
    host, port = sock.getsockname()
    print(f"listening on {host}:{port}")


def end_if_endless(empty_reads):
    """Raises when one connection has had more than 1000 empty reads.

    A server that does not look for the end of the stream takes it for a request. A client that
    has left ends this at the second answer or so, with a BrokenPipeError. A client that has only
    closed its sending half, and goes on reading, would be answered for ever: this is the bound.
    """
    if empty_reads > 1000:
        raise ConnectionAbortedError("more than 1000 empty reads: the client has half-closed")


def pause_if_endless(empty_reads):
    """Sleeps 0.1 s once a thread has had 1000 empty reads, and says so at the thousandth.

    A proxy that does not look for the end of the stream goes on reading for ever. Ending its thread
    would close sockets that it is to keep open, so this only takes its full speed away.
    """
    if empty_reads == 1000:
        print("1000 empty reads: from now on one every 0.1 s\n", end="", file=sys.stderr)
    if empty_reads >= 1000:
        time.sleep(0.1)
