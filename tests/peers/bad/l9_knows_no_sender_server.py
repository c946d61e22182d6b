"""Server, lesson 09: knows a transfer by its number alone."""

import _reliable


class Receiver(_reliable.Receiver):
    def key(self, address, transfer):
        # BROKEN: whoever has seen the number can write into the file.
        return transfer


_reliable.serve(Receiver)
