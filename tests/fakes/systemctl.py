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
    (folder / "pid").write_text(str(child.pid))


def _stop(folder: Path) -> None:
    if _alive(folder):
        os.kill(int((folder / "pid").read_text()), signal.SIGTERM)
    for _ in range(500):
        if not _alive(folder):
            return
        time.sleep(0.05)


def _alive(folder: Path) -> bool:
    """Whether what was started runs; a zombie whose parent is gone does not."""
    try:
        pid = int((folder / "pid").read_text())
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
