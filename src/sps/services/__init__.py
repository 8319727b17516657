"""The verbs of the product: one function each, free of any transport."""

from __future__ import annotations
