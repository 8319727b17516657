"""Hostile text into markup: the only places whose output templates may take as it is."""

from __future__ import annotations
