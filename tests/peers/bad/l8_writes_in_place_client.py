"""Client, lesson 08: writes under the name itself."""

import _files


class Client(_files.Client):
    def keep(self, name, size):
        data = b""
        # BROKEN: if the connection breaks, half of the file is under its name.
        with open(name, "wb") as file:
            while len(data) < size:
                piece = self.conn.recv(min(size - len(data), 65536))
                if not piece:
                    raise ValueError("the stream ended inside a file")
                data += piece
                file.write(piece)
        self.check(data)


Client().run()
