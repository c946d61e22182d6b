"""Client, lesson 05, remote command: sends a command again when its answer is lost."""

import time

import _good
import _threads

conn = _threads.call(0.1)
for line in _good.lines():
    # BROKEN: the command may have been run, and only its answer lost.
    while True:
        try:
            _good.send_message(conn, line.encode())
            answer = _good.receive_message(conn)
            if answer is not None:
                print(answer.decode("utf-8", "replace"), flush=True)
                break
        except OSError:
            pass
        time.sleep(0.1)
        conn = _threads.call(0.1)
