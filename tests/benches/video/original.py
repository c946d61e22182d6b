"""The tutorial's way to send a film, for the benchmark: lock step, with OpenCV for Python, no window.

    python3 original.py server          listens on a free port, decodes, and says how many came
    python3 original.py client PORT FILE    sends FILE over and over, as fast as it is let

Only its rate is of interest: it keeps the tutorial's two round trips for each frame, and trusts the
other side, as only a benchmark can.
"""

import signal
import socket
import sys
import time

import cv2
import numpy


def receive(conn, size):
    data = bytearray()
    while len(data) < size:
        piece = conn.recv(256000)
        if not piece:
            raise EOFError
        data += piece
    return data


def serve():
    listener = socket.create_server(("127.0.0.1", 0))
    print("listening on 127.0.0.1:%d" % listener.getsockname()[1], flush=True)
    conn, _ = listener.accept()
    start, frames = time.perf_counter(), 0
    try:
        while message := conn.recv(1024):
            size = int(message.split(b",")[0])
            conn.sendall(b"ok")
            data = receive(conn, size)
            conn.sendall(b"ok")
            cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_COLOR)
            frames += 1
    except (EOFError, ConnectionResetError):
        pass
    print(f"film: {frames} frames in {time.perf_counter() - start:.3f} s", flush=True)


def send(port, path):
    sock = socket.create_connection(("127.0.0.1", int(port)))
    quality = [cv2.IMWRITE_JPEG_QUALITY, 40]
    while True:
        film = cv2.VideoCapture(path)
        while True:
            there, image = film.read()
            if not there:
                break
            data = cv2.imencode(".jpg", image, quality)[1].tobytes()
            sock.sendall(b"%d, " % len(data))
            assert sock.recv(1024) == b"ok"
            sock.sendall(data)
            assert sock.recv(1024) == b"ok"


# The benchmark ends the client as Ctrl-C does.
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
if sys.argv[1] == "server":
    serve()
else:
    send(*sys.argv[2:])
