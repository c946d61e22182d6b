"""What Python itself offers for many clients: a thread for each, from `socketserver`.

Answers whatever one recv(1024) returns with the same in upper case, as lesson 05 does, and prints
nothing but its first line. `bytes.upper` changes ASCII letters only.
"""

import socketserver


class Upper(socketserver.BaseRequestHandler):
    def handle(self):
        while message := self.request.recv(1024):
            self.request.sendall(message.upper())


class Server(socketserver.ThreadingTCPServer):
    # As many as our servers ask for. Python's default, 5, would make a thousand clients wait.
    request_queue_size = 4096
    daemon_threads = True


with Server(("127.0.0.1", 0), Upper) as server:
    host, port = server.server_address
    print(f"listening on {host}:{port}", flush=True)
    server.serve_forever()
