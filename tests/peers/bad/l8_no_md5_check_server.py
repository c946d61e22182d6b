"""Server, lesson 08: does not compare the MD5."""

import os

import _files


class Server(_files.Server):
    def finish(self, conn, data, part, path):
        # BROKEN: it is received, and nobody looks at it.
        _files.receive_header(conn, ["md5"])
        os.replace(part, path)
        _files.send_message(conn, {"status": "ok"})


Server().run()
