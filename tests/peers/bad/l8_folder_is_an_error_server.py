"""Server, lesson 08: takes whatever there is for a file."""

import os

import _files


class Server(_files.Server):
    def read(self, name):
        path = self.path(name)
        if not os.path.exists(path):
            raise _files.Refused("no-such-file")
        # BROKEN: to open a folder raises an error, and that ends the connection.
        with open(path, "rb") as file:
            return file.read()


Server().run()
