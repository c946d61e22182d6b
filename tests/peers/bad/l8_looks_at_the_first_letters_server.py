"""Server, lesson 08: looks whether a path begins with the letters of the folder's."""

import os

import _files


class Server(_files.Server):
    def path(self, name):
        path = os.path.realpath(os.path.join(self.root, name))
        # BROKEN: the folder beside it, whose name begins with the same letters, is let through too.
        if not path.startswith(os.path.realpath(self.root)) or "\0" in name:
            raise _files.Refused("not-allowed")
        return path


Server().run()
