"""The console script. It answers `sps --version` before anything heavy is imported."""

from __future__ import annotations

import sys

from sps import __version__

_VERSION_FLAGS = (["--version"], ["-V"])


def main() -> int:
    """Answer a bare version question at once, else run the command line; gives the exit code."""
    if sys.argv[1:] in _VERSION_FLAGS:
        sys.stdout.write(f"sps {__version__}\n")
        return 0
    from sps.cli.main import main as run_command_line

    return run_command_line()
