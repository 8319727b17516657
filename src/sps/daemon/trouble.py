"""What keeps the dispatcher from taking its turn: told once, waited out, never fatal."""

from __future__ import annotations

import errno
import logging

from sps.lib.backoff import delay
from sps.model.errors import SpsError

_MOST_S = 15.0
_log = logging.getLogger(__name__)


class Trouble:
    """The failures of turns in a row. `code` is None while turns succeed."""

    def __init__(self) -> None:
        self.code: str | None = None
        self._failures = 0
        self._since = 0.0

    def met(self, err: SpsError | OSError, *, steady: float, fraction: float) -> float:
        """Note a failed turn; return the seconds to wait before the next one."""
        code = code_of(err)
        extra = {"code": code, "detail": str(err)}
        if code == self.code:
            self._failures += 1
            _log.warning("turn failed again", extra=extra)
        else:
            self.code, self._failures, self._since = code, 1, steady
            _log.error("turn failed", extra=extra)
        return delay(self._failures, fraction, most=_MOST_S)

    def lasted(self, steady: float) -> float:
        """Return for how many seconds it has been the same."""
        return steady - self._since if self.code else 0.0

    def over(self) -> None:
        """Note a turn that succeeded."""
        if self.code is not None:
            _log.info("turns succeed again", extra={"code": self.code})
        self.code = None


def code_of(err: SpsError | OSError) -> str:
    """Return the code of a failure."""
    if isinstance(err, SpsError):
        return err.code
    return "disk-full" if err.errno in (errno.ENOSPC, errno.EDQUOT) else "system"
