"""`python -m sps` is `sps`."""

from __future__ import annotations

from sps.entry import run

if __name__ == "__main__":
    run()
