"""Server, lesson 03: reads standard output to its end, and then standard error."""

import shlex
import subprocess

import _good


def answer(command):
    words = shlex.split(command.decode("utf-8", "replace"))
    if not words or words[0] not in _good.ALLOWED:
        return b"not allowed\n"
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # BROKEN: while this waits for the end of stdout, nobody empties stderr.
    return process.stdout.read() + process.stderr.read()


_good.answer = answer
_good.serve_commands()
