"""Server, lesson 09: does not look at the crc32."""

import _reliable


def unpack(datagram):
    # BROKEN: damage is noticed only at the end, when the whole file has to be sent again.
    rest = datagram[8:]
    if len(rest) < _reliable.REST.size or datagram[:4] != _reliable.MAGIC:
        return None
    return (*_reliable.REST.unpack_from(rest), rest[_reliable.REST.size :])


_reliable.serve(unpack=unpack)
