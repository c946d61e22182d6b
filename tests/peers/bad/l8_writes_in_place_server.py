"""Server, lesson 08: writes under the name itself."""

import _files


class Server(_files.Server):
    def take(self, conn, request, path):
        _files.send_message(conn, {"status": "ok"})
        size = _files.receive_header(conn, ["from"])["size"]
        # BROKEN: from here on the old file is gone, and half of the new one is under its name.
        with open(path, "wb") as file:
            file.write(data := _files.receive_exactly(conn, size))
        if _files.receive_header(conn, ["md5"])["md5"] != _files.md5(data):
            raise _files.Refused("checksum-mismatch")
        _files.send_message(conn, {"status": "ok"})


Server().run()
