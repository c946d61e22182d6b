"""Client, lesson 09: takes any Done for the end."""

import sys

import _reliable


class Sender(_reliable.Sender):
    def answers(self, kind):
        self.sock.settimeout(self.interval)
        try:
            while True:
                packet = _reliable.unpack(self.sock.recv(65535))
                if packet and packet[3] == _reliable.DONE:
                    # BROKEN: before the End there is nothing that could be done.
                    sys.exit(0)
                if packet and packet[3] == kind:
                    yield packet[2], packet[4]
        except TimeoutError:
            return


_reliable.send(Sender)
