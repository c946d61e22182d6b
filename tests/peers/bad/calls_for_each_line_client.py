"""Client, lesson 01: makes a connection for each line."""

from _good import connect, lines

for line in lines():
    # BROKEN: the protocol has one connection for all lines.
    with connect() as conn:
        conn.sendall(line.encode())
        print(conn.recv(1024).decode(), flush=True)
