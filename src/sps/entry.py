"""The console script. It answers `sps --version` before anything heavy is imported."""

from __future__ import annotations

import gc
import os
import sys

from sps import __version__

TYPE_CHECKING = False  # as `typing` has it, without importing it
if TYPE_CHECKING:
    from typing import NoReturn

#: New objects between two looks for cycles. Importing makes thousands and no garbage; the default
#: of 700 has the collector walk all of them again and again, a twentieth of `sps card list`.
_COLLECT_AFTER = 20_000
_VERSION_FLAGS = (["--version"], ["-V"])


def main() -> int:
    """Answer a bare version question at once, else run the command line; gives the exit code."""
    if sys.argv[1:] in _VERSION_FLAGS:
        sys.stdout.write(f"sps {__version__}\n")
        return 0
    from sps.cli.main import main as run_command_line

    return run_command_line()


def run() -> NoReturn:
    """Run the command line as this process and end the process with its exit code.

    Whatever needs an end has had it when `main` returns (each has a context manager of its own);
    taking the interpreter to pieces after that would be a fifth of the time of `sps card add`.
    """
    gc.set_threshold(_COLLECT_AFTER)
    _speak_utf8()
    _open_streams()
    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            code = code or 1
    os._exit(code)


def _speak_utf8() -> None:
    """Begin anew where the locale has another encoding: names of cards, branches and files are
    UTF-8, and would be others."""
    if sys.getfilesystemencoding() == "utf-8" or sys.flags.utf8_mode:
        return
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - becomes itself


def _open_streams() -> None:
    """Open, onto nothing, the streams that we were started without: else the next file to be opened
    has the number of one of them, and what is said to people ends up in it."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))
