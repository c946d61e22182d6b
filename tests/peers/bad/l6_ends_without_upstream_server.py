"""Proxy, lesson 06: an upstream that is down ends it."""

import os

import _proxy


def connect(client):
    try:
        return _proxy.connect(client)
    except OSError:
        # BROKEN: the upstream may be back for the next client.
        os._exit(1)


_proxy.serve(connect=connect)
