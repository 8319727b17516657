"""The words of the domain as pure values: no I/O, no clock, no randomness."""

from __future__ import annotations
