"""The sandbox made of Linux namespaces by bubblewrap."""

from __future__ import annotations

from sps.adapters.sandbox_bwrap.sandbox import BwrapSandbox

__all__ = ["BwrapSandbox"]
