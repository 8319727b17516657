"""What a diff does that no gate command can be trusted to judge: policy on text, no I/O.

A change may not edit what judges it (gate and CI configuration, tests it deletes, skips or weakens)
without a person, and may not bring secrets or leftover conflict markers at all.
"""

from __future__ import annotations

import fnmatch
import json
import posixpath
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any

from sps.flow import programs
from sps.flow.secret_text import masked, secrets_in
from sps.model.pipeline import Gate
from sps.model.verdict import Finding
from sps.ports.vault import ChangedFile, Diff

ReadFile = Callable[[str, str], bytes | None]  # (side: "old" or "new", path) -> content

_CI = (
    ".github/workflows/*", ".github/actions/*", ".gitlab-ci.yml", ".gitlab/ci/*", ".circleci/*",
    "azure-pipelines.yml", "Jenkinsfile", ".travis.yml", "bitbucket-pipelines.yml", ".woodpecker/*",
    ".woodpecker.yml", ".drone.yml", ".buildkite/*", ".ci/*",
)  # fmt: skip
_GATE_FILES = (
    ".sps/*", "pytest.ini", "tox.ini", "noxfile.py", ".coveragerc", "ruff.toml", ".ruff.toml",
    "mypy.ini", ".flake8", "pyrightconfig.json", ".eslintrc*", "eslint.config.*", "jest.config.*",
    "vitest.config.*", "biome.json", ".pre-commit-config.yaml", "lefthook.yml", ".lefthook.yml",
    "skills.lock", ".husky/*", ".golangci.yml", ".golangci.yaml", "clippy.toml", ".githooks/*",
)  # fmt: skip
# What agents, editors and shells obey as soon as somebody opens the folder.
_AGENT_FILES = (
    ".claude/*", ".codex/*", ".cursor/*", ".cursorrules", ".gemini/*", ".qwen/*", ".opencode/*",
    "opencode.json", "opencode.jsonc", ".vibe/*", ".windsurf/*", ".windsurfrules", ".agents/*",
    ".mcp.json", ".github/copilot-instructions.md", "AGENTS.md", "CLAUDE.md", "GEMINI.md",
    ".vscode/*", ".idea/*", ".zed/*", ".fleet/*", ".devcontainer/*", ".devcontainer.json",
    "*.code-workspace", ".envrc", "mise.toml", ".mise.toml", ".exrc", ".nvim.lua",
)  # fmt: skip
_TOML_TOOLS = ("pytest", "ruff", "mypy", "coverage", "pyright", "tox", "nox", "flake8", "pylint")
_TEST = re.compile(
    r"(^|/)(tests?|spec|__tests__)/|(^|/)test_[^/]+$|_test\.[a-z]+$|\.(test|spec)\.[a-z]+$|"
    r"(^|/)conftest\.py$",
    re.IGNORECASE,
)
_SKIP = re.compile(
    r"@(pytest\.mark\.)?(skip|skipif|xfail)\b|\bpytest\.(skip|xfail|importorskip)\(|\bunittest\.skip|"
    r"\b(it|test|describe)\.(skip|todo)\b|\bx(it|describe)\(|\bt\.Skip(Now)?\(|#\[ignore|@Disabled|"
    r"@Ignore\b|collect_ignore"
)
_ASSERT = re.compile(
    r"\bassert\w*\b|\bexpect\(|\.should\b|\brequire\.\w+\(|\bt\.(Error|Fatal)f?\(|pytest\.raises"
)
_MARKER = re.compile(r"^(<{7} |>{7} |\|{7} )")


def refused(diff: Diff, messages: str = "") -> list[Finding]:
    """Return what must never land: secrets (in added lines, file names or commit messages) and
    conflict markers. The finding names the place, never the secret."""
    found = [
        Finding(code="secret", path=masked(line.path), line=line.line, says=f"the line adds {what}")
        for line in (*diff.added, *diff.hidden)
        for what in secrets_in(line.text)
    ]
    found += [
        Finding(code="secret", path=masked(file.path), says=f"the file name holds {what}")
        for file in diff.files
        for what in secrets_in(file.path)
    ]
    found += [
        Finding(code="secret", path="", says=f"a commit message holds {what}")
        for what in secrets_in(messages)
    ]
    found += [
        Finding(code="conflict-marker", path=line.path, line=line.line, says="unresolved conflict")
        for line in diff.added
        if _MARKER.match(line.text)
    ]
    if diff.truncated:
        found.append(
            Finding(code="diff-too-large", path="", says="the change is too large to be checked")
        )
    return found


def of_logins(diff: Diff, words: str, logins: frozenset[str]) -> list[Finding]:
    """Return where a change, or the words of its commits, hold the login of an agent."""
    texts = [(line.path, line.line, line.text) for line in (*diff.added, *diff.hidden)]
    texts += [(file.path, 0, file.path) for file in diff.files]
    texts.append(("", 0, words))
    return [
        Finding(code="secret", path=_without(path, logins), line=line, says="an agent's login")
        for path, line, text in texts
        if any(value in text for value in logins)
    ]


def _without(path: str, logins: frozenset[str]) -> str:
    for value in logins:
        path = path.replace(value, "[login]")
    return masked(path)


#: What `held` finds: a person may accept it.
HELD = frozenset(
    {
        "agent-edited", "ci-edited", "gate-edited", "gitlink", "symlink", "test-deleted",
        "test-skipped", "test-weakened",
    }
)  # fmt: skip


def held(diff: Diff, gates: tuple[Gate, ...], read: ReadFile) -> list[Finding]:
    """Return what waits for a person: edits of gate or CI configuration and of what agents and
    editors obey, deleted, skipped or weakened tests, gitlinks, and links that leave the tree."""
    found: list[Finding] = []
    for file in diff.files:
        found += _file_findings(file, gates, read)
    found += _skipped(diff)
    found += _weakened(diff)
    return found


def _file_findings(file: ChangedFile, gates: tuple[Gate, ...], read: ReadFile) -> list[Finding]:
    paths = [path for path in (file.path, file.old_path) if path]
    found = []
    if any(_matches(path, _CI) for path in paths):
        found.append(Finding(code="ci-edited", path=file.path, says="edits CI configuration"))
    if any(_judges(path, file, gates) for path in paths) or _section_changed(file, read):
        found.append(Finding(code="gate-edited", path=file.path, says="edits what the gates run"))
    if any(_anywhere(path, _AGENT_FILES) for path in paths):
        says = "edits what agents or editors obey"
        found.append(Finding(code="agent-edited", path=file.path, says=says))
    if _test_gone(file):
        path = file.old_path or file.path
        found.append(Finding(code="test-deleted", path=path, says="deletes a test file"))
    if "160000" in (file.old_mode, file.new_mode):
        found.append(Finding(code="gitlink", path=file.path, says="changes a submodule"))
    if file.new_mode == "120000" and _leaves(file.path, read("new", file.path)):
        found.append(Finding(code="symlink", path=file.path, says="links out of the repository"))
    return found


def _test_gone(file: ChangedFile) -> bool:
    """Whether a test file is deleted, or renamed to where no test is found."""
    if file.status == "D":
        return bool(_TEST.search(file.path))
    moved = file.status == "R" and bool(_TEST.search(file.old_path))
    return moved and not _TEST.search(file.path)


def _anywhere(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a path matches in any folder, not only at the top."""
    parts = path.split("/")
    return any(_matches("/".join(parts[at:]), patterns) for at in range(len(parts)))


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    folded = _spelling(path)
    return any(fnmatch.fnmatchcase(folded, pattern.casefold()) for pattern in patterns)


def _spelling(path: str) -> str:
    """Return a path as file systems compare it that know neither case nor invisible letters."""
    if path.isascii():
        return path.casefold()
    visible = "".join(letter for letter in path if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFC", visible).casefold()


def _judges(path: str, file: ChangedFile, gates: tuple[Gate, ...]) -> bool:
    """Whether a file is configuration of a gate: by its name, or because a gate's command reads it
    as a make or task file (a new one may outrank the old), or runs it as a program. What the
    command merely looks at is not."""
    name = posixpath.basename(path)
    if _matches(path, _GATE_FILES) or _matches(name, _GATE_FILES):
        return True
    if any(name in programs.task_files(gate.run) for gate in gates):
        return True
    return file.status != "A" and any(path in programs.run_by(gate.run) for gate in gates)


def _section_changed(file: ChangedFile, read: ReadFile) -> bool:
    """Whether a shared configuration file changes in the sections that judge the work."""
    name = posixpath.basename(file.path)
    section = {"pyproject.toml": _toml_section, "setup.cfg": _cfg_section,
               "package.json": _scripts}.get(name)  # fmt: skip
    if section is None or (file.status == "A" and section is _scripts):
        return False  # a first package.json: npm gates were red without it
    old, new = read("old", file.old_path or file.path), read("new", file.path)
    return bool(section(old or b"") != section(new or b""))


def _toml_section(content: bytes) -> Any:
    try:
        tools = tomllib.loads(content.decode("utf-8", "replace")).get("tool", {})
    except tomllib.TOMLDecodeError:
        return content
    return {name: tools[name] for name in _TOML_TOOLS if name in tools}


def _cfg_section(content: bytes) -> Any:
    return re.findall(
        rb"(?ms)^\[(?:tool:pytest|flake8|mypy|coverage[^\]]*)\].*?(?=^\[|\Z)", content
    )


def _scripts(content: bytes) -> Any:
    try:
        document = json.loads(content or b"{}")
    except ValueError:
        return content
    keys = ("scripts", "jest", "eslintConfig", "husky", "lint-staged", "vitest")
    return {key: document.get(key) for key in keys} if isinstance(document, dict) else content


def _leaves(path: str, target: bytes | None) -> bool:
    text = (target or b"").decode("utf-8", "replace")
    if text.startswith("/"):
        return True
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), text)).startswith("..")


def _skipped(diff: Diff) -> list[Finding]:
    return [
        Finding(code="test-skipped", path=line.path, line=line.line, says="skips a test")
        for line in diff.added
        if _TEST.search(line.path) and _SKIP.search(line.text)
    ]


def _weakened(diff: Diff) -> list[Finding]:
    """Find test files that lose more assertions than they gain."""
    balance: Counter[str] = Counter()
    for line in diff.added:
        balance[line.path] += bool(_ASSERT.search(line.text))
    for line in diff.removed:
        balance[line.path] -= bool(_ASSERT.search(line.text))
    gone = {file.path for file in diff.files if file.status == "D"}
    return [
        Finding(code="test-weakened", path=path, says=f"loses {-lost} assertions")
        for path, lost in sorted(balance.items())
        if lost < 0 and _TEST.search(path) and path not in gone
    ]


def of_environment(diff: Diff, keep: tuple[str, ...]) -> list[Finding]:
    """Find files that belong to the environment: setup makes them, a change must not bring them."""
    return [
        Finding(
            code="environment-committed",
            path=file.path,
            says="belongs to the environment (`keep`), which is made and never committed",
        )
        for file in diff.files
        if file.status != "D" and any(f"{file.path}/".startswith(f"{path}/") for path in keep)
    ]
