"""The settings of sps-cli, as data: below `conf` in a pipeline file, or a file of their own.

There a shell ran that file. Here nothing is run: what would have to be is left out and said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sps.adapters.pipeline_files import grammar
from sps.adapters.pipeline_files.section import Section
from sps.lib.nearest import suggestion
from sps.ports.files import OldSettings

USED = ("PROJECT_DIR", "GITLAB_MERGE_BRANCH", "MAX_CONCURRENT_WORKERS", "DEFAULT_WORKER_SKILLS")
_WITHOUT_EFFECT = (
    "PROJECT_NAME", "GITLAB_PROJECT", "GITLAB_PROJECT_ID", "GITLAB_URL", "GITLAB_TOKEN",
    "GITLAB_SSH_HOST", "GITLAB_SSH_PORT", "PM_TOOL", "PIPELINE_LABEL", "MR_MODE",
    "WORKER_TRANSPORT", "WORKER_RESTART_LIMIT", "MAX_ACTIONS_PER_TICK", "WORKER_LAUNCH_TIMEOUT_S",
    "WORKER_IDLE_TIMEOUT_M", "INPROGRESS_TIMEOUT_HOURS", "MONITOR_AUTO_QA", "CONFLICT_DEFAULT",
    "TICK_LOCK_TIMEOUT_MINUTES", "WORKER_ACK_TIMEOUT_S", "WORKER_ACK_MAX_RETRIES", "WORKTREE_DIR",
    "LOGS_DIR", "MATRIX_HOMESERVER", "MATRIX_ACCESS_TOKEN", "MATRIX_ROOM_ID", "WIKI_ENABLED",
    "ENABLE_MEMORY", "COMPLETION_SIGNAL",
)  # fmt: skip
KEYS = (*USED, *_WITHOUT_EFFECT)
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_PLACEHOLDER = re.compile(r"__[A-Z0-9_]+__")
_COMMANDS = re.compile(r"[`$;&|<>()\\]")
_MOST_WORKERS = 64
_NO_SETTING = "it is no setting, and is not run"


@dataclass(frozen=True, kw_only=True)
class Conf:
    """What of the settings has an effect."""

    branch: str | None = None
    workers: int | None = None
    skills: tuple[str, ...] = ()


def conf(top: Section) -> Conf:
    """Understand `conf` of a pipeline file; each key without effect is noted."""
    values: dict[str, str] = {}
    for name, text in top.entries("conf"):
        why = _ignored(name.text, text)
        if name.text not in KEYS:
            near = suggestion(name.text, KEYS)
            top.mistakes.add(name, "unknown-key", f"unknown key conf.{name.text}{near}")
        elif why or name.text == "PROJECT_DIR":
            says = why or "no effect: the project has its repository"
            top.mistakes.note(name, f"conf.{name.text}", says)
        else:
            values[name.text] = text
            complaint = _complaint(name.text, text)
            if complaint:
                top.mistakes.add(name, "bad-value", f"conf.{name.text}: {complaint}")
    return _made(values)


def settings(text: str) -> OldSettings:
    """Understand the file that sps-cli ran as a shell script. Of a key that stands there twice the
    last one counts."""
    values: dict[str, str] = {}
    notes: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        key, value, why = _setting(line)
        if why:
            notes.append(f"line {number}: {key or 'this line'}: {why}")
        elif key:
            values[key] = value
    return OldSettings(
        repo=values.get("PROJECT_DIR"),
        branch=values.get("GITLAB_MERGE_BRANCH"),
        notes=tuple(notes),
    )


def _setting(line: str) -> tuple[str, str, str]:
    """Return (key, value, why it has no effect)."""
    match = _LINE.fullmatch(line)
    if match is None:
        bare = line.strip()
        return "", "", _NO_SETTING if bare and not bare.startswith("#") else ""
    key, value = match[1], _unquoted(match[2])
    return key, value, _ignored(key, value) or _complaint(key, value) or _elsewhere(key, value)


def _elsewhere(key: str, value: str) -> str:
    if key == "MAX_CONCURRENT_WORKERS":
        return f"no effect from here: write workers: {value} into the pipeline"
    if key == "DEFAULT_WORKER_SKILLS":
        return f"no effect from here: write profile: {value} into the stages"
    return ""


def _made(values: dict[str, str]) -> Conf:
    """Return the settings among values that were found to be sound."""
    workers = values.get("MAX_CONCURRENT_WORKERS", "")
    names = (name.strip() for name in values.get("DEFAULT_WORKER_SKILLS", "").split(","))
    return Conf(
        branch=values.get("GITLAB_MERGE_BRANCH"),
        workers=int(workers) if workers.isdecimal() else None,
        skills=tuple(name for name in names if name),
    )


def _ignored(key: str, value: str) -> str:
    if key not in USED:
        return "no effect"
    if not value or _PLACEHOLDER.fullmatch(value):
        return "no effect: it holds nothing yet"
    if _COMMANDS.search(value):
        return "no effect: a shell would have to run it, and nothing does; write the value itself"
    return ""


def _complaint(key: str, value: str) -> str | None:
    if key == "GITLAB_MERGE_BRANCH":
        return grammar.branch(value)
    if key == "MAX_CONCURRENT_WORKERS":
        fits = value.isdecimal() and 1 <= int(value) <= _MOST_WORKERS
        return None if fits else f"expected a number from 1 to {_MOST_WORKERS}, found {value!r}"
    if key == "DEFAULT_WORKER_SKILLS":
        complaints = (grammar.skill(name.strip()) for name in value.split(",") if name.strip())
        return next((says for says in complaints if says), None)
    return None


def _unquoted(text: str) -> str:
    """Return a value without its quotes and without a comment behind it."""
    text = text.strip()
    for mark in ('"', "'"):
        end = text.find(mark, 1)
        if text.startswith(mark) and end > 0:
            return text[1:end]
    return text.partition(" #")[0].strip()
