"""The first pipeline file of a project: short, explained, ready to be changed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from sps.ports.files import Installs

_PLAIN = re.compile(r"[A-Za-z.~/][\w./+-]*")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")

_HEAD = """\
# How cards of this project become landed changes. Check a change with: sps pipeline lint FILE
version: 1

# The agent of every stage that names none; without this line the project's own agent works.
# agent: claude

# How many cards are worked on at the same time.
workers: 3

# A card passes its stages in this order. Times are written as 90s, 15m, 2h or 1h30m.
stages:
  - name: develop
    timeout: 2h           # one attempt may take so long
    idle_timeout: 15m     # and may be silent for so long
    attempts: 3           # after that a person is asked
  # A second agent, or a person, can judge the work after the gates have passed:
  # - name: review
  #   approve: agent      # agent | person
  #   on_fail: develop    # this stage gets the comments

"""

_GATES_OFF = """\
# Commands that have to succeed on exactly the tree that would land. While there is none, nothing
# is tested. Remove the marks in front of the lines that you want.
"""

_GATES_ON = """\
# Commands that have to succeed on exactly the tree that would land.
"""

_GATES_NONE = """\
# Commands that have to succeed on exactly the tree that would land. None was found in the
# repository, so nothing is tested until you add one:
# gates:
#   - {name: tests, run: make test, timeout: 20m}
"""

_ENVIRONMENT = """
# Dependencies: installed once for each lock file, in the sandbox, and copied into each workspace
# and each checkout for a gate. Gates have no network. sps help environments says more.
"""

_FOOT = """
# Where finished work goes: merge, squash or rebase onto the branch, or none (it stays in SPS).
land: {mode: merge, to: repo}

# What one card may cost in all its attempts; more than that, and a person is asked.
# budget: {tokens: 2000000, usd: 20, time: 6h}
"""


def draft(
    gates: list[tuple[str, str, str]],
    *,
    active: bool,
    installs: Installs = Installs(),  # noqa: B008  # frozen
) -> str:
    """Return the text of a valid pipeline file with these gates (name, command, where found),
    in force or as comments, and an environment as comments; what gates in force need of it, the
    toolchains, is in force with them. Whatever a command holds, it stays one line of its gate."""
    shown = active and bool(gates)
    return _HEAD + _gates(gates, active=active) + _environment(installs, shown=shown) + _FOOT


def _gates(gates: list[tuple[str, str, str]], *, active: bool) -> str:
    if not gates:
        return _GATES_NONE
    mark = "" if active else "# "
    lines = [f"{mark}gates:\n"]
    for name, command, where in gates:
        run = _scalar(command)
        lines.append(f"{mark}  - {{name: {name}, run: {run}}}  # found in {_comment(where)}\n")
    return (_GATES_ON if active else _GATES_OFF) + "".join(lines)


def _environment(installs: Installs, *, shown: bool) -> str:
    setups, tools = installs.setups, installs.tools
    if not setups and not tools:
        return ""
    lines: list[str] = []
    if setups:
        lines.append("  setup:")
        lines += [f"    - {{run: {_scalar(one.run)}, timeout: 10m}}" for one in setups]
        for name, paths in (("key", [p for s in setups for p in s.key]),
                            ("keep", [p for s in setups for p in s.keep])):  # fmt: skip
            lines.append(f"  {name}: [{', '.join(map(_word, dict.fromkeys(paths)))}]")
        lines.append("  allow: []  # HOST:443 of each place that packages come from")
    head = ["environment:"]
    if tools:
        head.append(f"  tools: [{', '.join(map(_word, tools))}]  # {_comment(_why(tools))}")
    mark = "" if shown and tools else "# "
    written = [*(f"{mark}{line}" for line in head), *(f"# {line}" for line in lines)]
    return _ENVIRONMENT + "".join(f"{line}\n" for line in written)


def _why(tools: Mapping[str, str]) -> str:
    return f"outside /usr on this machine: {', '.join(dict.fromkeys(tools.values()))}"


def _word(text: str) -> str:
    """Write a path as it is where YAML reads it as a text, else quoted."""
    return text if _PLAIN.fullmatch(text) else _scalar(text)


def _scalar(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    return _CONTROL.sub(lambda found: f"\\u{ord(found.group()):04x}", written)


def _comment(text: str) -> str:
    return _CONTROL.sub("\ufffd", text)[:120]
