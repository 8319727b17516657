"""The process that reads hostile code with hostile rules: an order on stdin, an answer on stdout.

What it looks at stands on stderr, so that whoever ends it can say where it was.
"""

from __future__ import annotations

import os
import resource
import sys

import msgspec

from sps.adapters.checks_astgrep.engine import Engine
from sps.adapters.checks_astgrep.files import Files
from sps.adapters.checks_astgrep.load import UnreadableSkill, checks_of
from sps.adapters.checks_astgrep.selftest import Selftest
from sps.adapters.checks_astgrep.verdicts import Ours, Verdicts
from sps.adapters.checks_astgrep.waiver_notes import waiver_notes
from sps.adapters.checks_astgrep.wire import AT, Answer, Due, Order
from sps.ports.checks import SkillToCheck

_STDERR = 2


def main() -> int:
    """Do the one job and end."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    _limit(order)
    answer = _selftest(order) if order.selftest else _look(order)
    sys.stdout.buffer.write(msgspec.json.encode(answer))
    sys.stdout.buffer.flush()
    return 0


def _limit(order: Order) -> None:
    """Give up what this process does not need, for good."""
    for kind, most in (
        (resource.RLIMIT_AS, order.memory),
        (resource.RLIMIT_CPU, order.seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


def _announce(check: str, path: str) -> None:
    os.write(_STDERR, f"{AT}{check} {path!r}\n".encode())


def _look(order: Order) -> Answer:
    files = Files(order.root, order.added)
    verdicts = Verdicts(files)
    checks: list[Ours] = []
    for skill in order.skills:
        checks += _loaded(skill, verdicts)
    trusted = frozenset(skill.name for skill in order.skills if skill.commands)
    due = Engine(files, verdicts, _announce).run(checks, commands=trusted)
    notes = waiver_notes(files, {ours.check.id for ours in checks})
    report = msgspec.structs.replace(verdicts.report(), notes=notes)
    return Answer(report=report, due=tuple(due))


def _selftest(order: Order) -> Answer:
    verdicts = Verdicts(Files(os.devnull, {}))
    due: list[Due] = []
    proved: list[tuple[str, str]] = []
    for skill in order.skills:
        trusted = frozenset({skill.name} if skill.commands else ())
        test = Selftest(skill.path, _announce, commands=trusted)
        for ours in _loaded(skill, verdicts):
            test.run(ours)
        for check, why in test.wrong:
            verdicts.unclear(skill.name, check, why)
        due += test.due
        proved += [(skill.name, check) for check in test.proved]
    return Answer(report=verdicts.report(), due=tuple(due), proved=tuple(proved))


def _loaded(skill: SkillToCheck, verdicts: Verdicts) -> list[Ours]:
    _announce(skill.name, "its checks")
    try:
        checks, wrong = checks_of(skill.path)
    except UnreadableSkill as err:
        verdicts.unclear(skill.name, skill.name, f"the skill cannot be read: {err}")
        return []
    for check, why in wrong:
        verdicts.unclear(skill.name, check or skill.name, why)
    return [Ours(skill.name, check) for check in checks]


if __name__ == "__main__":
    sys.exit(main())
