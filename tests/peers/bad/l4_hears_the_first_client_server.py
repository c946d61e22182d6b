"""Server, lesson 04: hears only the client that asked first."""

from _datagrams import bound
from _good import upper

sock = bound()
data, address = sock.recvfrom(65535)
# BROKEN: from now on the kernel drops what anybody else sends.
sock.connect(address)
while True:
    sock.send(upper(data))
    try:
        data = sock.recv(65535)
    except ConnectionRefusedError:
        data = b""
