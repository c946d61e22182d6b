"""What the bad programs do right: each of them replaces one function of these by one with a fault."""

import shlex
import socket
import struct
import subprocess
import sys

ALLOWED = {"ls", "dir", "pwd", "date", "echo", "seq", "uname", "whoami", "ps", "df", "uptime", "true"}
LIMIT = 16 * 1024 * 1024


def serve(converse):
    """Accepts clients for ever, one at a time; a client's trouble ends that client only."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(sys.argv[1])))
        listener.listen(64)
        while True:
            conn, _ = listener.accept()
            with conn:
                try:
                    converse(conn)
                except (OSError, ValueError) as error:
                    print(error, file=sys.stderr)


def connect():
    """The client's connection to the host and port of the command line."""
    try:
        return socket.create_connection((sys.argv[1], int(sys.argv[2])))
    except OSError as error:
        sys.exit(f"cannot connect: {error}")


def lines():
    """What a person types, without blank lines."""
    return filter(None, map(str.strip, sys.stdin))


def upper(data):
    """The letters a to z in upper case, all other bytes unchanged."""
    return data.upper()


def receive_exactly(conn, size):
    """So many bytes, with as many calls of recv as it takes."""
    data = b""
    while len(data) < size:
        piece = conn.recv(min(size - len(data), 65536))
        if not piece:
            raise ValueError("the stream ended inside a message")
        data += piece
    return data


def checked(length):
    """A length that may be believed."""
    if not 0 <= length <= LIMIT:
        raise ValueError(f"the length {length} is nonsense")
    return length


def receive_message(conn):
    """One message, or None at the end of the stream."""
    first = conn.recv(1)
    if not first:
        return None
    (length,) = struct.unpack("<i", first + receive_exactly(conn, 3))
    return receive_exactly(conn, checked(length))


def send_message(conn, message):
    """One message with its length in front."""
    conn.sendall(struct.pack("<i", len(message)) + message)


def answer(command):
    """What an allowed command prints, without a shell."""
    words = shlex.split(command.decode("utf-8", "surrogateescape"))
    if not words or words[0] not in ALLOWED:
        return b"not allowed\n"
    words = [word.encode("utf-8", "surrogateescape") for word in words]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
    return done.stdout + done.stderr


def serve_commands(receive=receive_message, send=send_message):
    """Answers commands, with these ways to receive and to send a message."""

    def converse(conn):
        while (command := receive(conn)) is not None:
            send(conn, answer(command))

    serve(converse)


def ask_commands(receive=receive_message, show=lambda text: print(text, flush=True)):
    """Sends each line as a command, and shows its answer."""
    conn = connect()
    for line in lines():
        send_message(conn, line.encode())
        try:
            message = receive(conn)
        except (OSError, ValueError) as error:
            sys.exit(f"no answer: {error}")
        if message is None:
            sys.exit("the server has closed the connection")
        show(message if isinstance(message, str) else message.decode("utf-8", "replace"))


def ask_upper(receive=lambda conn: conn.recv(1024), typed=lines, end=""):
    """Sends each line, and shows what one recv gives."""
    conn = connect()
    for line in typed():
        conn.sendall((line + end).encode())
        data = receive(conn)
        if not data:
            sys.exit("the server has closed the connection")
        print(data.decode("utf-8", "replace"), flush=True)
