"""What the front matter says once it is read: a YAML escape hides nothing from this scan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from sps.lib.yaml_nodes import Mapping, Node, Scalar, Sequence
from sps.model.skills.front import Notes, read_front
from sps.model.skills.mode import Mode
from sps.model.skills.scan_text import Reading
from sps.model.skills.scan_unicode import hidden_characters
from sps.model.skills.suspicion import ScanFinding
from sps.model.skills.tree import MAIN


def value_findings(
    content: bytes, rules: Callable[[Reading], Iterable[ScanFinding]]
) -> Iterator[ScanFinding]:
    """Return what is suspicious in the keys and values of SKILL.md's front matter, nested ones
    too, where they read differently from how they are written. `rules` are those for texts."""
    front = read_front(content, Notes(Mode.LENIENT))
    if front is None:
        return
    for scalar in _scalars(front.root):
        if scalar.text in front.front:
            continue  # the scan of the file as it is written has seen it
        reading = Reading(path=MAIN, text=scalar.text, prose=True)
        for one in (*hidden_characters(MAIN, scalar.text), *rules(reading)):
            yield msgspec.structs.replace(one, line=scalar.line)


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, Mapping):
        for key, value in node:
            yield key
            yield from _scalars(value)
