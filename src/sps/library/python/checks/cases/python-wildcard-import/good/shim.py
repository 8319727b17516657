"""The old name of ledger.accounts; kept for one release."""

from ledger.accounts import *

__all__ = ["Account"]
