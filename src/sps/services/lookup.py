"""Finding what a user named, or saying what there is instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sps.lib.nearest import suggestion
from sps.model.card import Card, CardState
from sps.model.errors import Misuse

if TYPE_CHECKING:
    from sps.model.pipeline import Pipeline
    from sps.model.project import Project
    from sps.model.run import Run
    from sps.ports.store import Reading
    from sps.ports.world import World

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def project_name(name: str) -> str:
    """Return a name that a project may have. Raises `Misuse("bad-name")`."""
    if not _NAME.fullmatch(name):
        raise Misuse(
            "bad-name",
            f'"{name}" cannot be a project\'s name: small letters, digits and hyphens, at most 63',
            hint="sps project init my-project --repo PATH",
        )
    return name


def project(tx: Reading, name: str) -> Project:
    """Return a registered project. Raises `Misuse("unknown-project")`."""
    found = tx.project(name)
    if found is not None:
        return found
    names = [known.name for known in tx.projects()]
    hint = "sps project list" if names else "sps project init NAME --repo PATH"
    raise Misuse("unknown-project", f'there is no project "{name}"{suggestion(name, names)}',
                 hint=hint)  # fmt: skip


def card(tx: Reading, name: str, seq: int) -> Card:
    """Return a card by its number. Raises `Misuse` with unknown-project or unknown-card."""
    project(tx, name)
    found = tx.card_by_seq(name, seq)
    if found is None:
        raise Misuse(
            "unknown-card", f"there is no card {seq} in {name}", hint=f"sps card list {name}"
        )
    return found


def live_run(tx: Reading, run_id: str) -> Run:
    """Return a live run by its id or the beginning of it. Raises `Misuse("unknown-run")`."""
    found = [run for run in tx.runs(live=True) if run.id.startswith(run_id.upper())]
    if len(found) == 1 and len(run_id) >= 4:
        return found[0]
    says = f'no run in progress has the id "{run_id}"'
    if len(found) > 1:
        says = f'"{run_id}" is the beginning of {len(found)} runs in progress'
    raise Misuse("unknown-run", says, hint="sps worker ps")


def state(word: str) -> CardState:
    """Return the state of that name. Raises `Misuse("unknown-state")`."""
    names = [known.value for known in CardState]
    plain = word.strip().lower().replace("-", "_")
    if plain in names:
        return CardState(plain)
    says = f'there is no state "{word}"{suggestion(plain, names)} (states: {", ".join(names)})'
    raise Misuse("unknown-state", says)


def pipeline(world: World, name: str) -> Pipeline:
    """Return the pipeline that is in force for a project. Raises `Misuse("unknown-project")` before
    its file is looked for, and `PipelineBroken`."""
    world.store.read(lambda tx: project(tx, name))
    return world.pipeline_files.load(name)
