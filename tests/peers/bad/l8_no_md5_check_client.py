"""Client, lesson 08: does not compare the MD5."""

import _files


class Client(_files.Client):
    def check(self, data):
        # BROKEN: it is shown, and nobody looks at it.
        print(self.reply(["md5"])["md5"])


Client().run()
