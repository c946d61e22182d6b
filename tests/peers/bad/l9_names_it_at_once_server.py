"""Server, lesson 09: opens the file under its name when it is offered."""

import _reliable


class Transfer(_reliable.Transfer):
    def __init__(self, folder, offer):
        super().__init__(folder, offer)
        # BROKEN: whoever looks now takes it for the whole file.
        open(self.path, "wb").close()


class Receiver(_reliable.Receiver):
    transfer = Transfer


_reliable.serve(Receiver)
