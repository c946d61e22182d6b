"""Server, lesson 09: appends what comes, in the order in which it comes."""

import _reliable


class Transfer(_reliable.Transfer):
    def data(self, number, payload):
        # BROKEN: what comes twice is there twice, and what overtakes another is in its place.
        self.whole += payload
        self.expected = max(self.expected, number + 1)
        return self.ack()


class Receiver(_reliable.Receiver):
    transfer = Transfer


_reliable.serve(Receiver)
