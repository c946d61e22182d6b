"""Runs a program at a terminal of its own, which is as wide as is asked for.

    python3 at_a_terminal.py COLUMNS PROGRAM [ARGUMENT...]

What comes on standard input is typed there, and what the program shows is printed, control sequences
included. It ends when the program does, with the same status.
"""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading

columns, *program = sys.argv[1:]
terminal, programs_end = pty.openpty()
fcntl.ioctl(programs_end, termios.TIOCSWINSZ, struct.pack("HHHH", 50, int(columns), 0, 0))
# What these say would go before the size of the terminal, and what it can do.
environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}


def take_the_terminal():
    os.setsid()
    fcntl.ioctl(programs_end, termios.TIOCSCTTY, 0)


child = subprocess.Popen(
    program,
    stdin=programs_end,
    stdout=programs_end,
    stderr=programs_end,
    preexec_fn=take_the_terminal,
    env={**environment, "TERM": "xterm"},
)
os.close(programs_end)


def type_what_comes():
    while keys := os.read(0, 4096):
        os.write(terminal, keys)


threading.Thread(target=type_what_comes, daemon=True).start()
while True:
    try:
        shown = os.read(terminal, 4096)
    except OSError:
        break  # Linux says EIO when the program has closed its end.
    if not shown:
        break
    os.write(1, shown)
# A status below zero is the signal that ended it; a shell adds 128.
status = child.wait()
sys.exit(status if status >= 0 else 128 - status)
