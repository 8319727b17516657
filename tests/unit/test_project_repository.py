"""The repository rules find what they are there to find."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import check_repository

# Put together from pieces: this file is checked by the rule it tests.
_ROOT, _WORK, _HOME = "/" + "root/", "/" + "work/", "/" + "home/"
_INDEX = "py" + "pi.org"


@pytest.mark.parametrize(
    "line",
    [
        f'path = "{_ROOT}x"',
        f"see {_WORK}main/README.md",
        f"cd {_HOME}anna/sps",
        f"file://{_ROOT}x",
        f"index: https://{_INDEX}/simple",
        "https://files.python" + "hosted.org/packages",
        "REGISTRY.npm" + "js.org",
    ],
)
def test_machine_paths_and_registry_hosts_are_found(line: str) -> None:
    [finding] = check_repository.check_text("a.md", f"fine\n{line}\n")
    assert finding.startswith("a.md:2: names a ")


@pytest.mark.parametrize(
    "line",
    [
        f"docs{_WORK}flow.md",
        f"$HOME{_WORK}sps",
        f"~{_WORK}sps",
        f"{_HOME}user/.sps",
        f"{_HOME}$USER",
        "py" + "pi.organic",
        "the root/ of the tree",
    ],
)
def test_relative_and_placeholder_paths_pass(line: str) -> None:
    assert list(check_repository.check_text("a.md", line)) == []


def test_syntax_newer_than_the_oldest_python_is_found() -> None:
    [finding] = check_repository.check_syntax("src/a.py", "def f[T](x: T) -> T:\n    return x\n")
    assert finding.startswith("src/a.py:1: is no Python 3.11")
    assert list(check_repository.check_syntax("src/a.py", "x: int = 1\n")) == []


def _project(root: Path, runtime: str, declared: str, page: str) -> list[str]:
    (root / "docs").mkdir()
    (root / "requirements.in").write_text(f"# why\n{runtime}\n", encoding="utf-8")
    (root / "requirements-dev.in").write_text("-r requirements.in\npytest\n", encoding="utf-8")
    (root / "pyproject.toml").write_text(
        f"[project]\ndependencies = [{declared}]\n", encoding="utf-8"
    )
    (root / check_repository.DEPENDENCIES).write_text(page, encoding="utf-8")
    return list(check_repository.check_dependencies(root))


_HEAD = "| name | class | why | without |\n|---|---|---|---|\n"
_PYTEST = f"## Development\n{_HEAD}| pytest | essential | runs | nothing runs |\n"


def test_described_dependencies_pass_whatever_their_spelling(tmp_path: Path) -> None:
    page = f"## Runtime\n{_HEAD}| Ruamel.YAML | nice | keeps comments | they go |\n{_PYTEST}"
    assert _project(tmp_path, "ruamel_yaml", '"ruamel.yaml>=0.18"', page) == []


def test_undescribed_undeclared_and_unreasoned_dependencies_are_found(tmp_path: Path) -> None:
    page = f"## Runtime\n{_HEAD}| click | essential | commands | |\n| gone | nice | a | b |\n"
    found = _project(tmp_path, "click\nnew", '"click"', page + _PYTEST)
    assert [line.split(":")[0] for line in found] == ["new"] + [check_repository.DEPENDENCIES] * 3
    assert "has no line for new" in found[1]
    assert "describes gone" in found[2]
    assert "click wants" in found[3]
