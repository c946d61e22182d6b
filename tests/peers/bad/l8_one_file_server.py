"""Server, lesson 08: sends one file for each connection."""

import _files


class Server(_files.Server):
    def get(self, conn, request):
        super().get(conn, request)
        # BROKEN: the client may ask for another one.
        raise ValueError("done")


Server().run()
