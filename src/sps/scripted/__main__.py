"""Entry: `python -m sps.scripted`, or `python -I -S <path of this file>`."""

from __future__ import annotations

import sys


def _main() -> None:
    if not __package__:
        # Started by path in isolated mode: nothing but the standard library can be imported yet.
        # The package's root goes last, so that nothing beside it can shadow a standard module.
        import os.path

        here = os.path.dirname(os.path.realpath(__file__))
        sys.path.append(os.path.dirname(os.path.dirname(here)))
    from sps.scripted.agent import serve

    serve()


if __name__ == "__main__":
    _main()
