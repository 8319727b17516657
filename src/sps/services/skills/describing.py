"""What a skill says about itself."""

from __future__ import annotations

import re

from sps.model.skills.tree import MAIN, SkillTree

# A description on one line that YAML takes as it stands; anything else is parsed.
_PLAIN = re.compile(
    r"\A---\n(?:[a-z-]+: [^\n]*\n)*?description: "
    r"(?:([A-Za-z]+ (?:[^\n:#]|:(?=\S)|(?<=\S)#)*[^\s:#])|\"([^\n\"\\]*[^\s\"\\])\")"
    r"\n(?=[a-z-]+:|---\n)"
)


def description_of(content: bytes, folder: str | None = None) -> str:
    """Return the description of a SKILL.md as clients load it; empty when they would not."""
    plain = _PLAIN.match(content[:4096].decode(errors="replace").replace("\r\n", "\n"))
    if plain is not None and len(content) < 256 * 1024:
        return (plain[1] or plain[2]).strip()
    from sps.model.skills.document import parse_document
    from sps.model.skills.mode import Mode

    found = parse_document(content, folder=folder, mode=Mode.LENIENT).document
    return "" if found is None else found.description


def described(tree: SkillTree) -> str:
    """Return the description of a skill, empty when there is none."""
    main = tree.files.get(MAIN)
    return "" if main is None else description_of(main.content)
