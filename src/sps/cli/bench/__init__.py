"""`sps bench`: every speed budget, measured on this machine."""

from __future__ import annotations

from sps.cli.bench.command import bench

__all__ = ["bench"]
