"""What a box finds at /run/sps: settings of its own, and the relay."""

from __future__ import annotations
