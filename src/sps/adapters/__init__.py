"""One sub-package per outside thing. Adapters know ports and what lies below, never each other."""

from __future__ import annotations
