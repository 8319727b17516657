"""The way out of a box: an HTTP proxy that knows a list."""

from __future__ import annotations

from sps.adapters.egress_proxy.limits import EgressLimits
from sps.adapters.egress_proxy.proxy import ProxyEgress

__all__ = ["EgressLimits", "ProxyEgress"]
