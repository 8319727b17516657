"""Rule files, which agents read in a repository: a part of ours in them, offered as a difference.

Nothing is ever committed, and nothing outside of the part is changed.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from pathlib import Path

import msgspec

from sps.lib import atomic, paths, plain_file
from sps.lib.nearest import suggestion
from sps.model.errors import Misuse, Stale
from sps.services.setup.record import Kind, Written

RULE_FILES = ("AGENTS.md", "CLAUDE.md", "GEMINI.md", "QWEN.md", ".github/copilot-instructions.md")
_BEGIN = "<!-- sps: begin (sps setup wrote this part; sps setup --uninstall takes it away) -->"
_END = "<!-- sps: end -->"
_LIMIT = 1 << 20
_TEXT = """\
{begin}
## Tasks

Tasks of this repository can be handed over as cards: `sps card add {project} "TITLE" "WHAT"`. Each
is worked on in a clone of its own, tested by the gates of the project and landed by SPS.

- `sps card list {project}` shows them, `sps why {project} NUMBER` says why one is where it is.
- A card says what is to be true afterwards, and how that is tested. One card, one change.
- When you work on a card yourself: leave gates, CI and tests in force; no secrets in files.
{end}
"""


class RulePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What would be written to a rule file; `diff` is empty when it is there already."""

    path: str
    before: bytes | None
    after: bytes
    part: str
    diff: str


def candidates(root: Path) -> list[str]:
    """Return the rule files to offer in a repository: those it has, else the one that most agents
    read."""
    return [name for name in RULE_FILES if (root / name).is_file()] or [RULE_FILES[0]]


def plan(root: Path, name: str, project: str) -> RulePlan:
    """Return what would be written. Raises `Misuse` (unknown-rule-file, unreadable-file)."""
    if name not in RULE_FILES:
        near = suggestion(name, RULE_FILES)
        known = ", ".join(RULE_FILES)
        raise Misuse("unknown-rule-file", f'"{name}" is no rule file{near} (known: {known})')
    path = root / name
    if paths.inside(root, name) is None:
        raise _unreadable(path, "it leads out of the repository, or is a symbolic link to nowhere")
    before = _read(path)
    text = (before or b"").decode()
    newline = "\r\n" if "\r\n" in text else "\n"
    part = _TEXT.format(begin=_BEGIN, end=_END, project=project).replace("\n", newline)
    after = _with(text, part, newline)
    return RulePlan(
        path=str(path), before=before, after=after.encode(), part=after[len(text) :],
        diff="" if after == text else _diff(text, after, name, new=before is None),
    )  # fmt: skip


def write(planned: RulePlan) -> Written:
    """Write what was planned. Raises `Stale` when the file is another one by now."""
    path = Path(planned.path)
    if _read(path) != planned.before:
        raise Stale(f"{path} was changed meanwhile")
    mode = path.stat().st_mode & 0o777 if planned.before is not None else 0o644
    path.parent.mkdir(exist_ok=True)
    atomic.write(path, planned.after, mode=mode)
    return Written(
        kind=Kind.RULES, path=planned.path, text=planned.part,
        sha256=hashlib.sha256(planned.after).hexdigest(), created=planned.before is None,
    )  # fmt: skip


def take_back(written: Written) -> str | None:
    """Take our part out of a file again; return why it was left."""
    path = Path(written.path)
    try:
        content = _read(path)
    except Misuse as err:
        return err.message
    if content is None:
        return None
    if content.count(written.text.encode()) != 1:
        ours = _BEGIN.encode() in content
        return "the part that setup wrote was edited" if ours else None
    rest = content.replace(written.text.encode(), b"", 1)
    if written.created and not rest:
        path.unlink()
    else:
        atomic.write(path, rest, mode=path.stat().st_mode & 0o777)
    return None


def _read(path: Path) -> bytes | None:
    try:
        content, _ = plain_file.read(path, _LIMIT)
        content.decode()
    except FileNotFoundError:
        return None
    except plain_file.NotPlain as err:
        raise _unreadable(path, f"it is {err}") from err
    except plain_file.TooLarge as err:
        raise _unreadable(path, f"it has {err}") from err
    except UnicodeDecodeError as err:
        raise _unreadable(path, "it is no UTF-8") from err
    except OSError as err:
        raise _unreadable(path, err.strerror or os.strerror(err.errno or 0)) from err
    return content


def _unreadable(path: Path, why: str) -> Misuse:
    return Misuse("unreadable-file", f"{path} is left as it is: {why}", where=str(path))


def _with(text: str, part: str, newline: str) -> str:
    """Return a text with our part at its end; one that has such a part already stays as it is."""
    if _BEGIN in text:
        return text
    if not text:
        return part
    gap = newline if text.endswith(newline) else newline * 2
    return text + gap + part


def _diff(before: str, after: str, name: str, *, new: bool) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True),
        "/dev/null" if new else f"a/{name}", f"b/{name}",
    )  # fmt: skip
    marked = "\n\\ No newline at end of file\n"
    return "".join(line if line.endswith("\n") else line + marked for line in lines)
