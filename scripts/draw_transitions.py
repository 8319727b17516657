"""Draw the table of state changes into docs/architecture.md, between its two markers.

draw_transitions.py            write the drawing
draw_transitions.py --check    1 when the page shows another table
"""

from __future__ import annotations

import sys
from pathlib import Path

from sps.model.card import TERMINAL, CardState
from sps.model.transitions import TABLE, Verb

PAGE = Path(__file__).resolve().parent.parent / "docs" / "architecture.md"
BEGIN = "<!-- transitions: drawn by scripts/draw_transitions.py -->"
END = "<!-- /transitions -->"
_ANY = "any_open_state"


def drawing() -> str:
    """Return the table as a Mermaid diagram. A verb that leads from (nearly) every open state to
    one place is drawn once."""
    general = {verb: target for verb in Verb if (target := _everywhere(verb)) is not None}
    arrows: dict[tuple[str, str], list[str]] = {}
    for (source, verb), target in TABLE.items():
        if verb not in general:
            arrows.setdefault((source.value, target.value), []).append(verb.value)
    for verb, target in general.items():
        arrows.setdefault((_ANY, target.value), []).append(verb.value)
    lines = ["```mermaid", "stateDiagram-v2", f'    state "any open state" as {_ANY}']
    lines += ["    [*] --> planning : added with hold", "    [*] --> backlog : added"]
    lines += [
        f"    {source} --> {target} : {', '.join(verbs)}"
        for (source, target), verbs in arrows.items()
    ]
    lines += [f"    {state.value} --> [*]" for state in CardState if state in TERMINAL]
    return "\n".join([*lines, "```"])


def _everywhere(verb: Verb) -> CardState | None:
    """Return where a verb leads to when it does so from every open state but, at most, that one."""
    targets = {target for (_, other), target in TABLE.items() if other is verb}
    sources = {source for (source, other) in TABLE if other is verb}
    if len(targets) != 1:
        return None
    missing = set(CardState) - TERMINAL - sources
    return next(iter(targets)) if missing <= targets else None


def drawn(page: str) -> str:
    """Return the page with the drawing as it should be. Raises `ValueError` without markers."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no markers {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n{drawing()}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Write the drawing, or with --check say whether it is stale."""
    page = PAGE.read_text(encoding="utf-8")
    wanted = drawn(page)
    if page == wanted:
        return 0
    if "--check" in arguments:
        print(f"{PAGE.name}: the drawn transitions are stale; run scripts/draw_transitions.py")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
