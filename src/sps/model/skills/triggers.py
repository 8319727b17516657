"""`evals/triggers.yaml`: what users say when a skill should, and should not, be used."""

from __future__ import annotations

import msgspec

from sps.model.skills.finding import LintFinding
from sps.model.skills.tree import SkillTree

TRIGGERS = "evals/triggers.yaml"
LEAST = 8
_SIDES = ("should", "should_not")


class Triggers(msgspec.Struct, frozen=True, kw_only=True):
    """Sentences of users."""

    should: tuple[str, ...] = ()
    should_not: tuple[str, ...] = ()


def parse_triggers(tree: SkillTree) -> tuple[Triggers | None, tuple[LintFinding, ...]]:
    """Return the trigger set and all mistakes; None when the file is missing or no YAML."""
    from sps.lib.yaml_nodes import BrokenYaml, parse
    from sps.model.skills.shape import Shape

    text = tree.text(TRIGGERS)
    if text is None:
        says = "the trigger set is missing"
        return None, (LintFinding(path=TRIGGERS, rule="triggers-missing", says=says),)
    try:
        root = parse(text)
    except BrokenYaml as err:
        at = LintFinding(
            path=TRIGGERS,
            line=err.line,
            column=err.column,
            rule="triggers-yaml",
            says=err.message,
        )
        return None, (at,)
    shape = Shape(TRIGGERS, prefix="triggers")
    raw = None if root is None else shape.fields(root, "the trigger set", _SIDES)
    sides = {side: shape.texts((raw or {}).get(side), side) for side in _SIDES}
    for side, sentences in sides.items():
        if len(set(sentences)) < LEAST:
            node = (raw or {}).get(side)
            says = f"{side} has {len(set(sentences))} different sentences, at least {LEAST}"
            shape.note(node, "triggers-few", says)
    triggers = Triggers(should=sides["should"], should_not=sides["should_not"])
    return triggers, tuple(shape.findings)
