"""Small skills with checks, as the tests of their runner need them."""

from __future__ import annotations

import textwrap
from pathlib import Path

SAYS = "Give every call a timeout."
Whole = tuple[tuple[int, int], ...]
ALL: Whole = ((1, 1 << 40),)

TIMEOUT = """
python:
  rule: {pattern: fetch($$$A), not: {has: {kind: keyword_argument, stopBy: end}}}
typescript:
  rule: {pattern: fetch($A)}
"""


class SkillMaker:
    """A skill folder that grows check by check. All quote the same sentence."""

    def __init__(self, folder: Path, name: str = "demo") -> None:
        self.folder = folder / name
        self.name = name
        self._entries: list[str] = []
        self.write(
            "SKILL.md",
            f"---\nname: {name}\ndescription: Use when testing.\n---\n# Rules\n\n{SAYS}\n",
        )

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def check(
        self, kind: str, more: str, *, key: str = "call", severity: str = "block", stub: bool = True
    ) -> str:
        """Add a check; `more` is the YAML of its kind. Returns the id. A stub is a case of each
        side that only has to be there."""
        key = f"{self.name}-{key}"
        for side in ("bad", "good") if stub else ():
            self.case(key, f"{side}/stub/stub.txt", "x\n")
        head = f"- id: {key}\n  says: {SAYS}\n  anchor: SKILL.md#rules\n"
        head += f"  kind: {kind}\n  severity: {severity}\n"
        body = textwrap.dedent(more).strip("\n")
        body = textwrap.indent(body + "\n", "  ") if body else ""
        self._entries.append(textwrap.indent(head + body, "  "))
        self.write("checks/checks.yaml", "version: 1\nchecks:\n" + "".join(self._entries))
        return key

    def case(self, check: str, path: str, text: str) -> None:
        """Write a file of a check's cases."""
        self.write(f"checks/cases/{check}/{path}", text)

    def ast(
        self,
        rule: str = TIMEOUT,
        more: str = "",
        *,
        key: str = "call",
        languages: tuple[str, ...] = ("python", "typescript"),
        severity: str = "block",
    ) -> str:
        """Add a syntax check with sound cases for Python and TypeScript."""
        more = f"languages: [{', '.join(languages)}]\n{textwrap.dedent(more)}"
        key = self.check("ast", more, key=key, severity=severity, stub=False)
        self.write(f"checks/rules/{key}.yml", rule)
        bad = {"python": ("fetch(1)\n", ".py"), "typescript": ("fetch(1);\n", ".ts")}
        good = {"python": ("fetch(1, t=2)\n", ".py"), "typescript": ("fetch(1, t);\n", ".ts")}
        for side, texts in (("bad", bad), ("good", good)):
            for language in languages:
                text, ending = texts[language]
                for number in (1, 2):
                    self.case(key, f"{side}/{number}{ending}", text)
        return key
