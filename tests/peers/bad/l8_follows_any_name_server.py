"""Server, lesson 08: opens whatever a client names."""

import os

import _files


class Server(_files.Server):
    def path(self, name):
        # BROKEN: `..` leads out of the folder, and an absolute name leads anywhere.
        return os.path.join(self.root, name)


Server().run()
