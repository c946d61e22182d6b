"""Server, lesson 09: forgets a transfer as soon as it has said Done."""

import _reliable


class Receiver(_reliable.Receiver):
    def answer(self, address, transfer, number, kind, payload):
        answer = super().answer(address, transfer, number, kind, payload)
        if answer and answer[0] == _reliable.DONE:
            # BROKEN: when this Done is lost, the sender asks again.
            del self.transfers[self.key(address, transfer)]
        return answer


_reliable.serve(Receiver)
