"""Client, lesson 09: sends each Data once."""

import sys

import _reliable


class Sender(_reliable.Sender):
    def data(self):
        for number, piece in enumerate(self.pieces):
            self.send(number, _reliable.DATA, piece)
            # BROKEN: a Data that is not acknowledged is lost, and has to be sent again.
            if not list(self.answers(_reliable.ACK)):
                sys.exit("a packet was lost")


_reliable.send(Sender)
