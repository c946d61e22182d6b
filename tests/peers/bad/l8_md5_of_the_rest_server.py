"""Server, lesson 08: hashes only what it sends."""

import _files


class Server(_files.Server):
    def get(self, conn, request):
        data = self.read(request["name"])
        have = request.get("have") or {"length": 0}
        start = have["length"] if have.get("md5") == _files.md5(data[: have["length"]]) else 0
        header = {"status": "ok", "file_size": len(data), "from": start}
        _files.send_message(conn, header, data[start:])
        # BROKEN: the MD5 is that of the whole file.
        _files.send_message(conn, {"status": "ok", "md5": _files.md5(data[start:])})


Server().run()
