"""What may never land, what waits for a person, and what must pass without a question."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sps.flow import findings
from sps.flow.findings import HELD, held, refused, secrets_in
from sps.model.pipeline import Gate
from sps.ports.vault import AddedLine, ChangedFile, Diff

FILE, LINK, GITLINK, NONE = "100644", "120000", "160000", "000000"

# Put together from pieces, so that no scanner takes this file for a leak.
SECRETS = {
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "an AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "a GitHub token": "ghp_" + "a1B2" * 10,
    "a GitLab token": "glpat-" + "abcdefghij0123456789",
    "a Slack token": "xoxb-" + "123456789012-abc",
    "a Google API key": "AIza" + "b" * 35,
    "an Anthropic key": "sk-ant-" + "api03-" + "c" * 30,
    "an OpenAI key": "sk-proj-" + "d" * 40,
    "a Stripe key": "sk_live_" + "e" * 24,
    "an npm token": "npm_" + "f" * 36,
    "a PyPI token": "pypi-AgEI" + "g" * 60,
    "a password in a URL": "postgres://admin:" + "s3cretword@db.example/x",
}


def changed(path: str, status: str = "M", **modes: str) -> ChangedFile:
    return ChangedFile(
        path=path,
        status=status,
        old_mode=modes.get("old", NONE if status == "A" else FILE),
        new_mode=modes.get("new", NONE if status == "D" else FILE),
        old_path=modes.get("old_path", ""),
    )


def a_diff(
    *files: ChangedFile, added: list[tuple[str, str]] | None = None,
    removed: list[tuple[str, str]] | None = None, truncated: bool = False,
) -> Diff:  # fmt: skip
    return Diff(
        files=files,
        text="",
        added=tuple(AddedLine(path, 3, text) for path, text in added or []),
        removed=tuple(AddedLine(path, 3, text) for path, text in removed or []),
        truncated=truncated,
    )


def nothing(side: str, path: str) -> bytes | None:
    return None


def reading(old: bytes, new: bytes):  # type: ignore[no-untyped-def]
    return lambda side, path: old if side == "old" else new


def codes(diff: Diff, *, gates: tuple[Gate, ...] = (), read=nothing) -> list[str]:  # type: ignore[no-untyped-def]
    return [finding.code for finding in held(diff, gates, read)]


# --- never ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", sorted(SECRETS))
def test_secret_in_an_added_line_is_refused_and_not_repeated(what: str) -> None:
    text = f'token = "{SECRETS[what]}"'
    found = refused(a_diff(changed("src/a.py"), added=[("src/a.py", text)]))
    assert [(f.code, f.path, f.line) for f in found[:1]] == [("secret", "src/a.py", 3)]
    assert any(what in finding.says for finding in found)
    assert not any(SECRETS[what] in finding.says for finding in found)


def test_secret_in_a_file_name_or_a_commit_message_is_refused() -> None:
    token = SECRETS["a GitHub token"]
    in_name = refused(a_diff(changed(f"notes/{token}.txt", "A")))
    assert [finding.code for finding in in_name] == ["secret"]
    assert token not in in_name[0].path
    assert [f.code for f in refused(a_diff(), messages=f"use {token}")] == ["secret"]


@pytest.mark.parametrize(
    "text",
    [
        "sk-learn is a library with a long name that goes on",
        "AKIA is how such keys begin",
        "https://user@example.com/path",
        "https://example.com:8080/a@b",
        "-----BEGIN PUBLIC KEY-----",
        "the commit is 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
    ],
)
def test_ordinary_text_is_no_secret(text: str) -> None:
    assert secrets_in(text) == []


@pytest.mark.parametrize("mark", ["<<<<<<< ours", ">>>>>>> theirs", "||||||| base"])
def test_leftover_conflict_marker_is_refused(mark: str) -> None:
    found = refused(a_diff(changed("a.py"), added=[("a.py", mark)]))
    assert [finding.code for finding in found] == ["conflict-marker"]


def test_underline_of_a_heading_is_no_conflict_marker() -> None:
    assert refused(a_diff(changed("a.rst"), added=[("a.rst", "=======")])) == []


def test_diff_that_was_cut_is_refused_because_it_was_not_seen() -> None:
    assert [f.code for f in refused(a_diff(truncated=True))] == ["diff-too-large"]


# --- held ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml",
        ".GitHub/Workflows/ci.yml",
        ".gitlab-ci.yml",
        "Jenkinsfile",
        ".circleci/config.yml",
        ".ci/run",
    ],
)
def test_edit_of_ci_configuration_waits(path: str) -> None:
    assert "ci-edited" in codes(a_diff(changed(path)))


@pytest.mark.parametrize(
    "path",
    [
        "pytest.ini",
        "tox.ini",
        ".pre-commit-config.yaml",
        "jest.config.js",
        "sub/ruff.toml",
        ".sps/pipeline.yaml",
        ".husky/pre-commit",
    ],
)
def test_edit_of_gate_configuration_waits(path: str) -> None:
    assert codes(a_diff(changed(path))) == ["gate-edited"]


@pytest.mark.parametrize(
    "path, run",
    [
        ("scripts/check.sh", "scripts/check.sh --all"),
        ("scripts/check.sh", "bash ./scripts/check.sh && true"),
        ("Makefile", "make test"),
        ("justfile", "just test"),
    ],
)
def test_edit_of_what_a_gate_runs_waits(path: str, run: str) -> None:
    gates = (Gate(name="tests", run=run),)
    assert codes(a_diff(changed(path)), gates=gates) == ["gate-edited"]


def test_makefile_is_free_when_no_gate_uses_it() -> None:
    gates = (Gate(name="tests", run="pytest -q"),)
    assert codes(a_diff(changed("Makefile")), gates=gates) == []


def test_rename_away_from_a_gate_file_waits() -> None:
    moved = changed("old/pytest.ini.bak", "R", old_path="pytest.ini")
    assert "gate-edited" in codes(a_diff(moved))


@pytest.mark.parametrize(
    "path, old, new",
    [
        ("pyproject.toml", b"[tool.pytest.ini_options]\na = 1\n", b"[tool.pytest.ini_options]\n"),
        ("pyproject.toml", b"[tool.ruff]\nline-length = 80\n", b""),
        ("pyproject.toml", b"[project]\nname = 'a'\n", b"not toml ["),
        ("package.json", b'{"scripts": {"test": "jest"}}', b'{"scripts": {"test": "true"}}'),
        ("setup.cfg", b"[flake8]\nmax = 1\n", b"[metadata]\nname = a\n"),
    ],
)
def test_change_of_the_section_that_judges_waits(path: str, old: bytes, new: bytes) -> None:
    assert codes(a_diff(changed(path)), read=reading(old, new)) == ["gate-edited"]


@pytest.mark.parametrize(
    "path", ["tests/test_a.py", "src/a_test.go", "web/a.spec.ts", "tests/conftest.py"]
)
def test_deleted_test_waits(path: str) -> None:
    assert codes(a_diff(changed(path, "D"))) == ["test-deleted"]


@pytest.mark.parametrize(
    "path, text",
    [
        ("tests/test_a.py", "@pytest.mark.skip(reason='later')"),
        ("tests/test_a.py", "    pytest.skip('not now')"),
        ("tests/test_a.py", "@pytest.mark.xfail"),
        ("web/a.test.ts", "it.skip('works', () => {"),
        ("pkg/a_test.go", '\tt.Skip("flaky")'),
    ],
)
def test_skipped_test_waits(path: str, text: str) -> None:
    assert codes(a_diff(changed(path), added=[(path, text)])) == ["test-skipped"]


def test_test_file_that_loses_assertions_waits() -> None:
    path = "tests/test_a.py"
    diff = a_diff(
        changed(path),
        added=[(path, "    assert True")],
        removed=[(path, "    assert a == 1"), (path, "    assert b == 2")],
    )
    assert codes(diff) == ["test-weakened"]


def test_changed_submodule_waits() -> None:
    assert codes(a_diff(changed("vendor/lib", old=GITLINK, new=GITLINK))) == ["gitlink"]


@pytest.mark.parametrize("target", [b"/etc/passwd", b"../../outside", b"../b/../../c"])
def test_link_out_of_the_repository_waits(target: bytes) -> None:
    diff = a_diff(changed("a/link", "A", new=LINK))
    assert codes(diff, read=reading(b"", target)) == ["symlink"]


# --- passes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path, status",
    [
        ("tests/test_new.py", "A"),
        ("tests/test_a.py", "M"),
        ("docs/guide.md", "M"),
        ("README.md", "M"),
        ("docs/ci/notes.md", "M"),
        ("src/contest.py", "D"),
        ("src/latest/module.py", "D"),
    ],
)
def test_ordinary_change_is_not_held(path: str, status: str) -> None:
    gates = (Gate(name="tests", run="pytest -q tests/test_a.py"),)
    added = [(path, "    assert answer == 42"), (path, "skip the first line of the file")]
    assert codes(a_diff(changed(path, status), added=added), gates=gates) == []


@pytest.mark.parametrize(
    "path, old, new",
    [
        (
            "pyproject.toml",
            b"[project]\ndependencies = []\n[tool.ruff]\nx = 1\n",
            b"[project]\ndependencies = ['httpx']\n[tool.ruff]\nx = 1\n",
        ),
        (
            "package.json",
            b'{"scripts": {"test": "jest"}}',
            b'{"scripts": {"test": "jest"}, "dependencies": {"left-pad": "1"}}',
        ),
    ],
)
def test_added_dependency_is_not_held(path: str, old: bytes, new: bytes) -> None:
    assert codes(a_diff(changed(path)), read=reading(old, new)) == []


def test_rewritten_test_with_as_many_assertions_is_not_held() -> None:
    path = "tests/test_a.py"
    diff = a_diff(
        changed(path),
        added=[(path, "    assert a == 2"), (path, "    with pytest.raises(KeyError):")],
        removed=[(path, "    assert a == 1")],
    )
    assert codes(diff) == []


def test_link_inside_the_repository_is_not_held() -> None:
    diff = a_diff(changed("a/b/link", "A", new=LINK))
    assert codes(diff, read=reading(b"", b"../c")) == []


def test_skip_in_a_file_that_is_no_test_is_not_held() -> None:
    diff = a_diff(changed("src/reader.py"), added=[("src/reader.py", "t.Skip(3)")])
    assert codes(diff) == []


def test_new_make_file_that_outranks_the_old_one_waits() -> None:
    found = codes(a_diff(changed("GNUmakefile", "A")), gates=(Gate(name="t", run="make test"),))
    assert found == ["gate-edited"]


def test_new_section_that_judges_waits_though_its_file_is_new() -> None:
    new = b"[tool.pytest.ini_options]\naddopts = '--ignore=tests'\n"
    assert codes(a_diff(changed("pyproject.toml", "A")), read=reading(b"", new)) == ["gate-edited"]


def test_test_that_is_renamed_to_where_nobody_looks_waits() -> None:
    file = changed("attic/old.py", "R", old_path="tests/test_a.py")
    assert codes(a_diff(file)) == ["test-deleted"]
    assert codes(a_diff(changed("tests/test_b.py", "R", old_path="tests/test_a.py"))) == []


@pytest.mark.parametrize(
    "path, run",
    [
        ("check.sh", "timeout 60 ./check.sh"),
        ("sub/check.sh", "cd sub && ./check.sh"),
        ("tools/check.py", "python -m tools.check"),
        ("tools/check/__main__.py", "uv run python3 -m tools.check --all"),
        ("ci/gate.py", "env X=1 python3 -B ci/gate.py"),
    ],
)
def test_edit_of_a_program_behind_runners_waits(path: str, run: str) -> None:
    assert codes(a_diff(changed(path)), gates=(Gate(name="g", run=run),)) == ["gate-edited"]


@pytest.mark.parametrize(
    "path, status, run",
    [
        ("hello.txt", "A", "test -f hello.txt"),
        ("status.txt", "M", "grep -q ok status.txt"),
        ("src/app.py", "M", "ruff check src/app.py"),
        ("check.sh", "A", "./check.sh"),
    ],
)
def test_what_a_gate_only_looks_at_is_not_held(path: str, status: str, run: str) -> None:
    assert codes(a_diff(changed(path, status)), gates=(Gate(name="g", run=run),)) == []


def test_every_finding_is_either_refused_or_known_as_one_that_a_person_may_accept() -> None:
    source = Path(findings.__file__ or "").read_text(encoding="utf-8")
    named = set(re.findall(r'code="([a-z-]+)"', source))
    assert named - HELD == {
        "conflict-marker", "diff-too-large", "environment-committed", "secret",
    }  # fmt: skip
    assert named >= HELD
