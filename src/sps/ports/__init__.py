"""Protocols of everything outside the process, and the values that cross them."""

from __future__ import annotations
