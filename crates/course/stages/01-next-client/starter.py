"""A server that answers in upper case: python3 main.py PORT"""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()

# ASK: leave the loop when the client has left, and serve the next client.
# 客户端离开后，请退出循环，再为下一个客户端服务。
connection, address = server.accept()
while True:
    request = connection.recv(1024).decode()
    connection.sendall(request.upper().encode())
