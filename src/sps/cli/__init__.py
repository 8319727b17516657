"""The command line: one file per noun; parse, call one service, render."""

from __future__ import annotations
