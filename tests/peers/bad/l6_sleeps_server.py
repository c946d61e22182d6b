"""Proxy, lesson 06: sleeps for 5 s before it passes anything on."""

import time

import _proxy


def lead(client, upstream):
    # BROKEN: nobody is served the better for it.
    time.sleep(5)
    _proxy.lead(client, upstream)


_proxy.serve(lead)
