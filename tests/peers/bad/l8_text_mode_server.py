"""Server, lesson 08: reads files as text."""

import _files


class Server(_files.Server):
    def read(self, name):
        super().read(name)
        # BROKEN: a file is bytes, and need not be text.
        with open(self.path(name), encoding="utf-8", errors="replace") as file:
            return file.read().encode()


Server().run()
