"""Files of sps-cli in mode project: read as they are, with a note for each key without effect."""

from __future__ import annotations

import re
from enum import StrEnum

from sps.adapters.pipeline_files import grammar
from sps.adapters.pipeline_files.old_conf import conf
from sps.adapters.pipeline_files.old_route import OldStage, route
from sps.adapters.pipeline_files.old_words import sentence
from sps.adapters.pipeline_files.section import Mistakes, Section
from sps.lib.nearest import nearest
from sps.lib.yaml_nodes import Mapping, Scalar
from sps.model.pipeline import COLUMNS, Land, OnFail, Pipeline, Stage

_TOP_KEYS = (
    "mode", "name", "description", "git", "pm", "states", "stages", "workers", "conf",
    "notifications",
)  # fmt: skip
_STAGE_KEYS = (
    "name", "trigger", "card_state", "agent", "queue", "profile", "completion", "on_complete",
    "on_fail", "timeout",
)  # fmt: skip
_WORKERS_LIMIT = 64
_LABEL = "NEEDS-FIX"  #: what sps-cli gave a failed card
_NO_NAME = re.compile(r"[^a-z0-9]+")
_STAGE = Stage(name="default")
_AGENT = "no effect: stages had no agent of their own in sps-cli: the project's agent works"
_QUEUE = "no effect: cards are taken by priority, then by number"
_COMPLETION = "no effect: a stage ends with its agent, and gates judge the tree that would land"
_NO_GIT = "agents are told nothing of git; what they made still lands as a commit"
_COMMENT = "no effect: why a card failed is kept with the card: sps why"


class _Completion(StrEnum):
    GIT = "git-evidence"
    FORWARD = "fast-forward-merge"
    EXIT = "exit-code"


def old_project(root: Mapping, mistakes: Mistakes) -> Pipeline | None:
    """Understand a file in mode project; what is wrong or has no effect is in `mistakes`."""
    top = Section(root, _TOP_KEYS, mistakes)
    columns, own = _states(top)
    said = conf(top)
    stages = _stages(top, columns, said.skills)
    _note_unused(top, own, stages)
    top.note("notifications", "no effect: this version tells nobody; look at: sps status")
    git = top.flag("git") is not False
    if not git:
        top.note("git", _NO_GIT)
    default = Pipeline()
    return Pipeline(
        version=0,
        name=top.text("name"),
        description=top.text("description"),
        columns=columns,
        workers=top.integer("workers", 1, _WORKERS_LIMIT) or said.workers or default.workers,
        stages=stages or default.stages,
        land=Land(branch=said.branch),
        on_fail=OnFail(label=_LABEL),
        git=git,
        notes=mistakes.notes,
    )


def _states(top: Section) -> tuple[dict[str, str], dict[str, Scalar]]:
    """Return the names of the usual states, and states of the owner's own with their place."""
    pm = top.section("pm", ("card_states", "provider"))
    if pm is not None:
        pm.note("provider", "no effect: cards are files of the home, whatever stands here")
    if pm is not None and "card_states" in pm and "states" in top:
        top.wrong("states", "contradiction", "pm.card_states says the same; keep one of them")
    below = pm.entries("card_states") if pm is not None else []
    columns, own = dict(COLUMNS), dict[str, Scalar]()
    for key, title in below or top.entries("states"):
        complaint = grammar.column(title) or (None if title.strip() else "a state needs a name")
        near = nearest(key.text, COLUMNS)
        if complaint:
            top.mistakes.add(key, "bad-value", f"{key.text}: {complaint}")
        elif key.text in COLUMNS:
            columns[key.text] = title
        elif near is not None:
            says = f'unknown state {key.text}; did you mean "{near}"?'
            top.mistakes.add(key, "unknown-key", f"{says} (states: {', '.join(COLUMNS)})")
        else:
            own[title] = key
    return columns, own


def _note_unused(top: Section, own: dict[str, Scalar], stages: tuple[Stage, ...]) -> None:
    used = {title for stage in stages for title in (stage.column, stage.waits)}
    for title, key in own.items():
        if title not in used:
            top.mistakes.note(key, key.text, f'no effect: no stage takes cards to "{title}"')


def _stages(top: Section, columns: dict[str, str], skills: tuple[str, ...]) -> tuple[Stage, ...]:
    read = [_old_stage(section) for section in top.sections("stages", _STAGE_KEYS)]
    if not read:
        top.wrong("stages", "missing-key", "a file in mode project needs stages")
    _check_names(read)
    way = route(read, ready=columns["ready"], done=columns["done"])
    made: list[Stage] = []
    before: str | None = columns["ready"]
    for place, stage in enumerate(way):
        entry = stage.trigger or before or stage.state or ""
        state = stage.state or (entry if place else columns["active"])
        made.append(_stage(stage, entry, state, columns, skills))
        before = stage.target
    return tuple(made)


def _old_stage(section: Section) -> OldStage:
    name = section.text("name", grammar.column)
    if "name" not in section:
        section.wrong("name", "missing-key", "each stage needs a name")
    section.note("agent", _AGENT)
    section.note("queue", _QUEUE)
    if section.choice("completion", _Completion) is not None:
        section.note("completion", _COMPLETION)
    return OldStage(
        section=section,
        name=_tidy(section, name or ""),
        trigger=_state(section, "trigger", "card_enters"),
        state=_state(section, "card_state", "card_state"),
        target=_state(section, "on_complete", "move_card"),
    )


def _tidy(section: Section, name: str) -> str:
    """Return a name that can stand in file names and refs."""
    if not name or grammar.name(name) is None:
        return name
    tidy = _NO_NAME.sub("-", name.lower()).strip("-")[:63].strip("-")
    if not tidy:
        section.wrong("name", "bad-value", f"{name!r} holds no letter from a to z and no digit")
    else:
        section.note("name", f"this stage is called {tidy} here")
    return tidy


def _state(section: Section, key: str, verb: str) -> str | None:
    name = sentence(section, key, verb)
    complaint = grammar.column(name) if name else None
    if complaint:
        section.wrong(key, "bad-value", complaint)
    return name


def _check_names(stages: list[OldStage]) -> None:
    seen: dict[str, int] = {}
    for stage in stages:
        if stage.name in seen:
            says = f"{stage.name!r} is taken already (line {seen[stage.name]})"
            stage.section.wrong("name", "duplicate-name", says)
        elif stage.name:
            seen[stage.name] = stage.section.at("name").line


def _stage(
    stage: OldStage, entry: str, state: str, columns: dict[str, str], skills: tuple[str, ...]
) -> Stage:
    section = stage.section
    timeout = section.seconds("timeout") or _STAGE.timeout
    return Stage(
        name=stage.name,
        timeout=timeout,
        idle_timeout=min(_STAGE.idle_timeout, timeout),
        column=None if state == columns["active"] else state,
        waits=None if entry == columns["ready"] else entry,
        wishes=_profile(section) or skills,
        fallout=_on_fail(section),
    )


def _profile(section: Section) -> tuple[str, ...]:
    names = [name.strip() for name in (section.text("profile") or "").split(",")]
    for name in filter(None, names):
        complaint = grammar.skill(name)
        if complaint:
            section.wrong("profile", "bad-value", complaint)
    return tuple(dict.fromkeys(filter(None, names)))


def _on_fail(section: Section) -> OnFail | None:
    if not isinstance(section.at("on_fail"), Mapping) or "on_fail" not in section:
        label = sentence(section, "on_fail", "label")
        return OnFail(label=_label(section, "on_fail", label)) if label else None
    inner = section.section("on_fail", ("action", "comment", "halt"))
    if inner is None:
        return None
    inner.text("comment")
    inner.note("comment", _COMMENT)
    label = _label(inner, "action", sentence(inner, "action", "label")) or _LABEL
    return OnFail(label=label, halt=inner.flag("halt") or False)


def _label(section: Section, key: str, label: str | None) -> str | None:
    complaint = grammar.label(label) if label else None
    if complaint:
        section.wrong(key, "bad-value", complaint)
    return label
