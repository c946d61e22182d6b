"""Proxy, lesson 06: listens for one client, and then anew for the next."""

import threading

import _proxy

while True:
    listener = _proxy.listen()
    client, _ = listener.accept()
    # BROKEN: until there is a listener again, everybody is refused; and who waits is reset.
    listener.close()
    upstream = _proxy.connect(client)

    def run(client=client, upstream=upstream):
        with client, upstream:
            _proxy.lead(client, upstream)

    threading.Thread(target=run, daemon=True).start()
