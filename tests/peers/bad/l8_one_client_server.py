"""Server, lesson 08: serves one client at a time."""

import _files


class Server(_files.Server):
    def start(self, conn):
        # BROKEN: nobody is accepted while one client is connected.
        self.converse(conn)


Server().run()
