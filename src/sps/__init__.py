"""SPS: takes cards, lets agents work on them, and lands only what its own gates accepted."""

from __future__ import annotations

__version__ = "0.1.0"
