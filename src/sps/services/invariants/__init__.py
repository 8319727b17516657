"""What must always hold, looked at from outside: one file per kind of fact."""

from __future__ import annotations
