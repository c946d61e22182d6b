"""Proxy, lesson 06, without a fault."""

import _proxy

_proxy.serve()
