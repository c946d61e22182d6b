"""A server that answers in upper case: python3 main.py PORT"""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()

while True:
    connection, address = server.accept()
    # ASK: a client's reset makes these calls fail. Let it end this conversation only.
    # 客户端复位连接（RST），这里的调用就会出错。只结束这一场对话即可。
    while True:
        request = connection.recv(1024)
        if not request:
            break
        # Of bytes, upper changes the letters a to z and nothing else.
        connection.sendall(request.upper())
    connection.close()
