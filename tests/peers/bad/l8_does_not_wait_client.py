"""Client, lesson 08: sends a file without having heard whether it is wanted."""

import os

import _files


class Client(_files.Client):
    def put(self, path):
        with open(path, "rb") as file:
            data = file.read()
        name, send = os.path.basename(path), _files.send_message
        send(self.conn, {"do": "put", "name": name, "file_size": len(data)})
        # BROKEN: the server may say no, and what follows is then no message.
        send(self.conn, {"from": 0}, data)
        send(self.conn, {"status": "ok", "md5": _files.md5(data)})
        self.reply()
        self.reply()


Client().run()
