"""The one place that names concrete adapters."""

from __future__ import annotations
