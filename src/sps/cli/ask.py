"""Questions at a terminal. Whoever has no terminal is never asked."""

from __future__ import annotations

import getpass

from sps.cli import screen


def yes(question: str, *, default: bool = False) -> bool:
    """Ask for yes or no; an empty answer is the default."""
    screen.err(f"{question} [{'Y/n' if default else 'y/N'}]")
    answer = input().strip().lower()
    return default if not answer else answer in ("y", "yes")


def choice(question: str, options: list[str], default: str) -> str:
    """Ask for one of some words, until one of them is given."""
    while True:
        screen.err(f"{question} ({', '.join(options)}) [{default}]")
        answer = input().strip() or default
        if answer in options:
            return answer
        screen.err(f'"{answer}" is none of them')


def secret(question: str) -> str:
    """Ask for something that is not shown; empty is none."""
    return getpass.getpass(f"{question}: ").strip()
