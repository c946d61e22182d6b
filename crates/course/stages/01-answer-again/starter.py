"""A server that answers in upper case: python3 main.py PORT"""

import socket
import sys

server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.bind(("127.0.0.1", int(sys.argv[1])))
server.listen()

connection, address = server.accept()
# ASK: the client has another request. Receive and answer again and again.
# 客户端还有下一个请求。请反复接收、反复回答。
request = connection.recv(1024).decode()
connection.sendall(request.upper().encode())
connection.close()
