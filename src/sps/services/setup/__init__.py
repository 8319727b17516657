"""Setting a machine up, and taking back exactly what was set up."""

from __future__ import annotations
