"""Named points at which a test may end this process as hard as a power cut does.

`SPS_KILL_AT=name` in the environment makes `reach("name")` send SIGKILL to this process;
`name:3` does so at the third time. Without the variable a point costs one comparison. The list of
points is read from the code: each call must have a literal name.
"""

from __future__ import annotations

import os
import signal

_TARGET, _, _COUNT = os.environ.get("SPS_KILL_AT", "").partition(":")
_left = [int(_COUNT or "1")]


def reach(name: str) -> None:
    """Die here if this is the point asked for."""
    if name != _TARGET:
        return
    _left[0] -= 1
    if _left[0] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
