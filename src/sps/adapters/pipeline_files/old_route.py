"""The way of a card through the stages of a file of sps-cli, where states link stages.

There a stage takes cards that enter its `trigger` and moves them to its `on_complete`; the order in
the file decides only where neither is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sps.adapters.pipeline_files.section import Section
from sps.lib.nearest import suggestion


@dataclass(frozen=True, kw_only=True)
class OldStage:
    """A stage and what it says about states; None where it says nothing."""

    section: Section
    name: str
    trigger: str | None
    state: str | None
    target: str | None

    @property
    def entry(self) -> str | None:
        return self.trigger or self.state


def route(stages: Sequence[OldStage], *, ready: str, done: str) -> list[OldStage]:
    """Return the stages in the order in which a card passes them. What cannot be reached, or leads
    round, is among the mistakes."""
    if not stages:
        return []
    first = next((stage for stage in stages if stage.trigger == ready), stages[0])
    way = [first]
    while (following := _following(stages, way, done)) is not None:
        if following in way:
            last = way[-1]
            says = f'"{last.target}" leads back to stage {following.name!r}, without an end'
            last.section.wrong("on_complete", "leads-round", says)
            break
        way.append(following)
    _check_reached(stages, way, done)
    return way


def _following(stages: Sequence[OldStage], way: list[OldStage], done: str) -> OldStage | None:
    last = way[-1]
    if last.target == done:
        return None
    by_entry = {stage.entry: stage for stage in reversed(stages) if stage.entry}
    if last.target in by_entry and by_entry[last.target] is not last:
        return by_entry[last.target]
    position = stages.index(last) + 1
    following = stages[position] if position < len(stages) else None
    if following is None or following in way:
        return None
    # A stage without a trigger begins where the one before it ends.
    return following if last.target is None or following.trigger is None else None


def _check_reached(stages: Sequence[OldStage], way: list[OldStage], done: str) -> None:
    entries = [stage.entry for stage in stages if stage.entry]
    missed = [stage for stage in stages if stage not in way]
    last = way[-1]
    if not missed:
        if last.target and last.target != done:
            says = f'a card that passed the last stage lands and stands in "{done}"'
            last.section.note("on_complete", says)
        return
    if last.target and last.target != done and last.target not in entries:
        near = suggestion(last.target, [*entries, done])
        says = f'no stage takes cards from "{last.target}"{near}'
        last.section.wrong("on_complete", "unknown-state", says)
    for stage in missed:
        key = "trigger" if "trigger" in stage.section else "name"
        where = f' moves cards to "{stage.entry}"' if stage.entry else " leads here"
        says = f"no card reaches stage {stage.name!r}: no on_complete{where}"
        stage.section.wrong(key, "unreachable-stage", says)
