"""Proxy, lesson 06: leads one client at a time."""

import _proxy

listener = _proxy.listen()
while True:
    client, _ = listener.accept()
    with client, _proxy.connect(client) as upstream:
        # BROKEN: until this client has gone, the next one waits.
        _proxy.lead(client, upstream)
