"""All kinds of checks on one set of files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sps.adapters.checks_astgrep import kind_presence
from sps.adapters.checks_astgrep.files import Files
from sps.adapters.checks_astgrep.globs import any_match
from sps.adapters.checks_astgrep.kind_ast import Announce, AstKind, entries
from sps.adapters.checks_astgrep.kind_config import ConfigKind
from sps.adapters.checks_astgrep.markers import Markers
from sps.adapters.checks_astgrep.verdicts import Ours, Verdicts
from sps.adapters.checks_astgrep.wire import Due
from sps.model.skills.check import CheckKind
from sps.model.skills.declared import When


class Engine:
    """Runs checks on files; the verdicts collect what they find."""

    def __init__(self, files: Files, verdicts: Verdicts, announce: Announce) -> None:
        self._files = files
        self._verdicts = verdicts
        self._announce = announce
        self._markers = Markers(files)

    def run(self, checks: Sequence[Ours], *, commands: frozenset[str] = frozenset()) -> list[Due]:
        """Run all checks; return the commands that somebody else has to run. `commands` names the
        skills whose owner trusts them to have some."""
        self._syntax([one for one in checks if one.check.kind is CheckKind.AST])
        config = ConfigKind(self._files, self._verdicts)
        due: list[Due] = []
        for ours in checks:
            if ours.check.kind is CheckKind.CONFIG:
                self._config(config, ours)
            elif ours.check.kind is CheckKind.PRESENCE:
                self._presence(ours)
            elif ours.check.kind is CheckKind.JUDGE:
                self._judge(ours)
            elif ours.check.kind is CheckKind.COMMAND:
                due += self._command(ours, trusted=ours.skill in commands)
        return due

    def _syntax(self, checks: list[Ours]) -> None:
        kind = AstKind(checks, self._files, self._verdicts)
        repo = any(one.check.when is When.REPO for one in checks)
        paths = self._files.tree if repo else sorted(self._files.added)
        readable = [path for path in paths if entries(path)]
        kind.look(readable, self._wants_syntax, self._announce)
        for ours in checks:
            if self._verdicts.found(ours) and not self._applies(ours):
                self._verdicts.drop(ours)

    def _wants_syntax(self, ours: Ours, path: str) -> bool:
        changed = path in self._files.added
        return (changed or ours.check.when is When.REPO) and self._wants(ours, path)

    def _config(self, kind: ConfigKind, ours: Ours) -> None:
        rule = ours.check.config
        assert rule is not None
        for path in self._paths(ours):
            if any_match(path, rule.globs) and self._wants(ours, path):
                self._announce(ours.check.id, path)
                kind.look(ours, rule, path)
        if self._verdicts.found(ours) and not self._applies(ours):
            self._verdicts.drop(ours)

    def _presence(self, ours: Ours) -> None:
        rule = ours.check.presence
        assert rule is not None
        self._announce(ours.check.id, "")
        kind_presence.look(
            ours,
            rule,
            lambda path: self._wants(ours, path),
            files=self._files,
            markers=self._markers,
            verdicts=self._verdicts,
        )
        if self._verdicts.found(ours) and not self._applies(ours):
            self._verdicts.drop(ours)

    def _judge(self, ours: Ours) -> None:
        self._announce(ours.check.id, "")
        if any(self._wants(ours, path) for path in self._paths(ours)) and self._applies(ours):
            self._verdicts.to_judge(ours)

    def _command(self, ours: Ours, *, trusted: bool) -> list[Due]:
        rule, check = ours.check.command, ours.check
        assert rule is not None
        self._announce(check.id, "")
        paths = [path for path in self._paths(ours) if self._wants(ours, path)]
        if not paths or not self._applies(ours):
            return []
        if not trusted:
            why = f"its command was not trusted: {rule.run}"
            self._verdicts.unclear(ours.skill, check.id, why)
            return []
        self._verdicts.ran(ours)
        lines = self._files.added.get(paths[0]) or ((1, 1),)
        return [
            Due(
                skill=ours.skill, check=check.id, run=rule.run, timeout=rule.timeout,
                root=str(self._files.root), path=paths[0], line=lines[0][0],
                says=check.says, hint=check.hint, severity=check.severity,
            )
        ]  # fmt: skip

    def _paths(self, ours: Ours) -> Iterable[str]:
        repo = ours.check.when is When.REPO
        return self._files.tree if repo else sorted(self._files.added)

    def _wants(self, ours: Ours, path: str) -> bool:
        applies = ours.check.applies
        return self._files.wanted(
            path, globs=applies.globs, excluded=applies.excluded, tests=applies.tests
        )

    def _applies(self, ours: Ours) -> bool:
        """Say whether the tree has what a check requires and lacks what satisfies it."""
        check = ours.check
        self._announce(check.id, "")
        if not all(self._markers.anywhere(one) for one in check.applies.requires):
            return False
        return not any(self._markers.anywhere(one) for one in check.satisfied_by)
