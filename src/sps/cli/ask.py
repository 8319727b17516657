"""Questions at a terminal. Whoever has no terminal is never asked."""

from __future__ import annotations

import getpass

import click

from sps.cli import screen


def yes(question: str, *, default: bool = False) -> bool:
    """Ask for yes or no; an empty answer is the default."""
    screen.err(f"{question} [{'Y/n' if default else 'y/N'}]")
    answer = _line().lower()
    return default if not answer else answer in ("y", "yes")


def choice(question: str, options: list[str], default: str) -> str:
    """Ask for one of some words, until one of them is given."""
    while True:
        screen.err(f"{question} ({', '.join(options)}) [{default}]")
        answer = _line() or default
        if answer in options:
            return answer
        screen.err(f'"{answer}" is none of them')


def secret(question: str) -> str:
    """Ask for something that is not shown; empty is none."""
    return getpass.getpass(f"{question}: ").strip()


def _line() -> str:
    """Read an answer; the end of input is the wish to stop."""
    try:
        return input().strip()
    except EOFError as err:
        raise click.Abort from err
