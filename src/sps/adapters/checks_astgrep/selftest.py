"""Checks against their own cases: each has to reject the bad ones and to leave the good ones."""

from __future__ import annotations

import os

import msgspec

from sps.adapters.checks_astgrep.engine import Engine
from sps.adapters.checks_astgrep.files import Files
from sps.adapters.checks_astgrep.kind_ast import Announce, entries
from sps.adapters.checks_astgrep.verdicts import Ours, Verdicts
from sps.adapters.checks_astgrep.wire import Due
from sps.model.skills.check import CheckKind, CheckReport
from sps.model.skills.declared import Applies, Case

_WHOLE = ((1, 1 << 40),)


class Selftest:
    """Tries the checks of one skill, whose folder is `folder`."""

    def __init__(self, folder: str, announce: Announce, *, commands: frozenset[str]) -> None:
        self._folder = folder
        self._announce = announce
        self._commands = commands
        self.due: list[Due] = []
        self.wrong: list[tuple[str, str]] = []  #: check and why
        self.proved: list[str] = []

    def run(self, ours: Ours) -> None:
        """Try all cases of a check. A sentence for the reviewer has nothing to prove here."""
        check = ours.check
        if check.kind is CheckKind.JUDGE:
            return
        before = len(self.wrong)
        for side in ("bad", "good"):
            cases = check.bad if side == "bad" else check.good
            if not cases:
                self._fail(ours, f"it has no {side} case")
            for case in cases:
                self._case(ours, case, bad=side == "bad")
            if check.kind is CheckKind.AST:
                self._languages(ours, cases, side)
        if len(self.wrong) == before:
            self.proved.append(check.id)

    def _case(self, ours: Ours, case: Case, *, bad: bool) -> None:
        report, due = self._tried(ours, case)
        for unclear in report.inconclusive:
            self._fail(ours, f"{case.path}: {unclear.why}")
        if due:
            self.due += [msgspec.structs.replace(one, case=case.path, must_fail=bad) for one in due]
        elif not report.inconclusive and bool(report.findings) is not bad:
            said = ", ".join(f"line {one.line}" for one in report.findings[:5])
            why = "it finds nothing in the bad case" if bad else f"it finds {said} in the good case"
            self._fail(ours, f"{why} {case.path}")

    def _tried(self, ours: Ours, case: Case) -> tuple[CheckReport, list[Due]]:
        check = ours.check
        root = self._folder
        paths = list(case.files)
        if check.kind is CheckKind.AST:
            # A single file is no tree: what the check asks of a tree, and where, is left aside.
            check = msgspec.structs.replace(check, applies=Applies(tests=True), satisfied_by=())
        else:
            root = os.path.join(self._folder, case.path)
            paths = [path.removeprefix(f"{case.path}/") for path in paths]
        files = Files(root, dict.fromkeys(paths, _WHOLE), everything=True)
        verdicts = Verdicts(files)
        tried = Ours(ours.skill, check)
        due = Engine(files, verdicts, self._announce).run([tried], commands=self._commands)
        return verdicts.report(), due

    def _languages(self, ours: Ours, cases: tuple[Case, ...], side: str) -> None:
        known = {rule.language for rule in ours.check.rules}
        seen = {
            next((name for name, _ in entries(path) if name in known), "")
            for case in cases
            for path in case.files
        }
        for language in sorted(known - seen):
            self._fail(ours, f"its rule for {language} has no {side} case")

    def _fail(self, ours: Ours, why: str) -> None:
        self.wrong.append((ours.check.id, why))
