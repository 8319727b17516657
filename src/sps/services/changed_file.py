"""A file that a card changes, as it was or as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sps.model.errors import Misuse
from sps.services import lookup
from sps.services.card_diff import card_diff

if TYPE_CHECKING:
    from sps.ports.world import World

LIMIT = 8 * 1024 * 1024
SIDES = ("old", "new")


def changed_file(
    world: World, project: str, seq: int, path: str, *, side: str = "new", of: str = ""
) -> bytes:
    """Return at most 8 MiB of a file's content on one side of a card's change. Only what the change
    names is given. Raises `Misuse` with unknown-file, and as `card_diff` does."""
    found = card_diff(world, project, seq, of=of)
    where = world.store.read(lambda tx: lookup.project(tx, project))
    content = None
    if side in SIDES and path in _named(found.text, found.files):
        commit = found.old if side == "old" else found.new
        content = world.vault.read_file(where, commit, path, LIMIT)
    if content is None:
        raise Misuse(
            "unknown-file", f"the change of card {project}#{seq} has no {side} file {path[:80]!r}",
            hint=f"sps card show {project} {seq} --diff",
        )  # fmt: skip
    return content


def _named(text: str, paths: list[str]) -> frozenset[str]:
    """Return the changed paths, and those they were renamed from."""
    before = "rename from "
    return frozenset(paths) | {
        line.removeprefix(before) for line in text.split("\n") if line.startswith(before)
    }
