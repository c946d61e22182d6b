"""s001_1, server: sends back what it gets in upper case.

Wire: each recv of up to 1024 bytes is sent back with 0x61..0x7A turned into 0x41..0x5A and all
other bytes, UTF-8 included, unchanged. One client at a time.

Kept on purpose:
  B05  one recv is taken as one request (harmless here: any cut of the stream gives the same bytes)
  B22  no SO_REUSEADDR
"""

import socket

from _common import announce, server_port

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
# BROKEN: B22, without SO_REUSEADDR the port stays taken while an old connection is in TIME_WAIT.
listener.bind(("127.0.0.1", server_port(8080)))
listener.listen(5)
announce(listener)

print("start....")
while True:
    conn, address = listener.accept()
    print("已经有一个连接建立成功", address)
    while True:
        try:
            print("服务端正在收数据...")
            # BROKEN: B05, a request of more than 1024 bytes is several requests.
            data = conn.recv(1024)
            if not data:
                break
            print("来自客户端的数据", data)
            # bytes.upper() knows ASCII letters only, which is what the protocol wants.
            conn.send(data.upper())
        except ConnectionResetError:
            break
    conn.close()
