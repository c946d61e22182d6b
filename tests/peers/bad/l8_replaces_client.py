"""Client, lesson 08: writes over what is there."""

import _files


class Client(_files.Client):
    def get(self, name):
        # BROKEN: nobody looks whether there is a file of that name.
        _files.send_message(self.conn, {"do": "get", "name": name})
        self.keep(name, self.reply(["file_size", "from"])["size"])


Client().run()
