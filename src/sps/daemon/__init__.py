"""Process life: home lock, signals, dispatcher, supervision, drain."""

from __future__ import annotations
