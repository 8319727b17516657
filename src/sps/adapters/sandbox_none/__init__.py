"""No sandbox, for machines whose owner said so."""

from __future__ import annotations

from sps.adapters.sandbox_none.sandbox import NoSandbox

__all__ = ["NoSandbox"]
