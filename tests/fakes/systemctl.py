"""A `systemctl --user` for tests: keeps its state in a folder and really runs what a unit says.

usage: systemctl.py FOLDER --user --no-pager VERB [UNIT]
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from sps.lib.proctree import start_time


def main() -> int:
    folder, words = Path(sys.argv[1]), [word for word in sys.argv[2:] if not word.startswith("--")]
    verb, unit = words[0], words[-1]
    with (folder / "calls").open("a") as calls:
        calls.write(" ".join(sys.argv[2:]) + "\n")
    if verb == "is-active":
        alive = _alive(folder)
        sys.stdout.write("active\n" if alive else "inactive\n")
        return 0 if alive else 3
    if verb == "restart":
        _stop(folder)
        _start(folder, Path(os.environ["HOME"], ".config/systemd/user", unit).read_text())
    if verb in ("stop", "disable"):
        _stop(folder)
    return 0


def _start(folder: Path, text: str) -> None:
    """Start as systemd does: nothing but the unit's environment, its specifiers undone."""
    lines = [line.partition("=") for line in text.replace("%%", "%").splitlines()]
    pairs = [shlex.split(value)[0] for key, _, value in lines if key == "Environment"]
    argv = next(shlex.split(value) for key, _, value in lines if key == "ExecStart")
    child = subprocess.Popen(
        [word.replace("$$", "$") for word in argv], env=dict(p.split("=", 1) for p in pairs),
        cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    (folder / "began").write_text(str(start_time(child.pid)))
    (folder / "pid").write_text(str(child.pid))


def _stop(folder: Path) -> None:
    if pid := _alive(folder):
        os.kill(pid, signal.SIGTERM)
    for _ in range(500):
        if not _alive(folder):
            return
        time.sleep(0.05)


def _alive(folder: Path) -> int:
    """Return what was started while it runs, else 0: its number may be another's by now."""
    try:
        pid, began = (int((folder / name).read_text()) for name in ("pid", "began"))
    except OSError:
        return 0
    return pid if began and start_time(pid) == began else 0


if __name__ == "__main__":
    sys.exit(main())
