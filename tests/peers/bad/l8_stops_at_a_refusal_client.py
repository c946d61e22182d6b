"""Client, lesson 08: a no of the server ends it."""

import sys

import _files


class Client(_files.Client):
    def reply(self, fields=()):
        try:
            return super().reply(fields)
        except _files.Refused as why:
            # BROKEN: the next file may be there.
            sys.exit(str(why))


Client().run()
