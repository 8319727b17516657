"""`python -m sps` is `sps`."""

from __future__ import annotations

import sys

from sps.entry import main

if __name__ == "__main__":
    sys.exit(main())
