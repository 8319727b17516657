"""Leaf code without domain words: everything here could serve another program."""

from __future__ import annotations
