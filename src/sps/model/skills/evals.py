"""`evals/evals.json`: tasks that show whether a skill helps, in the field's format.

An assertion that is a sentence is for a reader; one that is an object is decided by the machine.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from sps.model.errors import Misuse
from sps.model.skills.tree import SkillTree

FILE = "evals/evals.json"
_CASES = 50
_LIMIT = 1024 * 1024
_BYTE = re.compile(r" \(byte (\d+)\)")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Assertion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has to hold afterwards: `file` is there (and with `matches` or `lacks` its text does or
    does not match), or is not there (`absent`); or the command `run` succeeds, in the sandbox."""

    file: str | None = None
    matches: str | None = None
    lacks: str | None = None
    absent: bool = False
    run: str | None = None
    says: str = ""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One task. `files` is what the workspace holds at first: path to content."""

    id: str
    prompt: str
    expected_output: str = ""
    files: dict[str, str] = {}
    assertions: tuple[Assertion, ...] = ()
    for_a_reader: tuple[str, ...] = ()


def cases_of(tree: SkillTree) -> tuple[Case, ...]:
    """Return the tasks of a skill, none when it ships none. Raises `Misuse("bad-evals")`."""
    file = tree.files.get(FILE)
    if file is None:
        return ()
    raw = _decoded(file.content) if len(file.content) <= _LIMIT else None
    try:
        if not isinstance(raw, dict) or not isinstance(raw.get("evals"), list):
            raise _bad('it is an object with a list "evals", of at most 1 MiB')
        if len(raw["evals"]) > _CASES:
            raise _bad(f"it has more than {_CASES} tasks")
        return tuple(_case(tree, number, one) for number, one in enumerate(raw["evals"], 1))
    except msgspec.MsgspecError as err:
        raise _bad(str(err)) from err


def _decoded(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except RecursionError as err:
        raise _bad("it is nested too deeply") from err
    except msgspec.DecodeError as err:
        says = _BYTE.sub("", str(err))
        raise _bad(f"line {_place(content, str(err))}: {says}") from err


def _place(content: bytes, says: str) -> str:
    """Return line and column, from 1, of the byte that a message names, else of the end."""
    named = _BYTE.search(says)
    before = content[: int(named[1])] if named else content
    row = before.rpartition(b"\n")[2].decode("utf-8", "replace")
    return f"{before.count(10) + 1}, column {len(row) + 1}"


def _case(tree: SkillTree, number: int, raw: Any) -> Case:
    if not isinstance(raw, dict) or not isinstance(raw.get("prompt"), str):
        raise _bad(f'task {number} has no "prompt"')
    name = str(raw.get("id", number))
    if not _ID.fullmatch(name):
        raise _bad(f"task {number} has the id {name[:40]!r}")
    given = raw.get("assertions", [])
    if not isinstance(given, list):
        raise _bad(f'task {name}: "assertions" is a list')
    decided = tuple(
        msgspec.convert(one, Assertion, strict=True) for one in given if not isinstance(one, str)
    )
    for one in decided:
        _check(name, one)
    return Case(
        id=name,
        prompt=raw["prompt"],
        expected_output=str(raw.get("expected_output", "")),
        files=_files(tree, name, raw.get("files", {})),
        assertions=decided,
        for_a_reader=tuple(one for one in given if isinstance(one, str)),
    )


def _check(name: str, one: Assertion) -> None:
    if (one.file is None) == (one.run is None):
        raise _bad(f'task {name}: an assertion names either a "file" or a command to "run"')
    if one.file is not None and not _inside(one.file):
        raise _bad(f"task {name}: {one.file!r} is no path of the workspace")
    for pattern in (one.matches, one.lacks):
        try:
            re.compile(pattern or "")
        except re.error as err:
            raise _bad(f"task {name}: {pattern!r} is no regular expression: {err}") from err


def _files(tree: SkillTree, name: str, raw: Any) -> dict[str, str]:
    """Take files as path to content, or as a list of paths below `evals/`."""
    if isinstance(raw, list):
        texts = {str(path): tree.text(f"evals/{path}") for path in raw}
        missing = [path for path, text in texts.items() if text is None]
        if missing:
            raise _bad(f"task {name}: evals/{missing[0]} is no text file of the skill")
        raw = {path.removeprefix("files/"): text for path, text in texts.items()}
    files = msgspec.convert(raw, dict[str, str], strict=True)
    for path in files:
        if not _inside(path):
            raise _bad(f"task {name}: {path!r} is no path of the workspace")
    return files


def _inside(path: str) -> bool:
    parts = path.split("/")
    plain = path.isprintable() and "\\" not in path and len(path) < 500
    return plain and bool(path) and not any(part in ("", ".", "..", ".git") for part in parts)


def _bad(why: str) -> Misuse:
    return Misuse("bad-evals", f"{FILE}: {why}", hint="sps skill lint")
