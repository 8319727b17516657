"""What of a pipeline file has no effect, as lines for its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sps.model.pipeline import Pipeline
    from sps.ports.world import World


def note_lines(pipeline: Pipeline) -> list[str]:
    """Return a line for each key that has no effect, or another one than it had in sps-cli."""
    return [f"line {note.line}: {note.key}: {note.says}" for note in pipeline.notes]


def missed_wishes(world: World, pipeline: Pipeline) -> list[str]:
    """Return a line for each skill of a profile that this home does not have."""
    wished = dict.fromkeys(name for stage in pipeline.stages for name in stage.wishes)
    return [
        f'profile: there is no skill "{name}" in this home, so it has no effect'
        for name in wished
        if world.skills.find(name) is None
    ]


def missed_skills(world: World, pipeline: Pipeline) -> list[str]:
    """Return a line for each skill that stages name and this home does not have."""
    named = dict.fromkeys(name for stage in pipeline.stages for name in stage.skills)
    missed = [name for name in named if world.skills.find(name) is None]
    lines = [f'there is no skill "{name}" in this home' for name in missed]
    return [*lines, *missed_wishes(world, pipeline)]
