"""What is learnt about an owner's repository, and that nothing in it is run or changed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from sps.adapters.git_repositories import GitRepositories
from sps.model.errors import Absent, Misuse, SpsError
from sps.model.project import Identity

pytestmark = pytest.mark.needs("git")

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
}


def git(folder: Path, *argv: str) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *argv],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def put(repo: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(repo, "add", "-A", "-f")
    git(repo, "commit", "-q", "--allow-empty", "-m", "x")
    return git(repo, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    made = tmp_path / "repo"
    made.mkdir()
    git(made, "init", "-q", "-b", "main")
    put(made, {"README.md": "hello\n"})
    return made


@pytest.fixture
def repositories() -> GitRepositories:
    return GitRepositories(ENVIRONMENT)


def code_of(repositories: GitRepositories, path: Path, branch: str | None = None) -> str:
    with pytest.raises(SpsError) as caught:
        repositories.inspect(str(path), branch)
    assert caught.value.message
    return caught.value.code


# --- inspect -------------------------------------------------------------------------------------


def test_a_repository_is_described(repositories: GitRepositories, repo: Path) -> None:
    git(repo, "config", "user.name", "Ada")
    git(repo, "config", "user.email", "ada@example.org")
    facts = repositories.inspect(str(repo), None)
    assert facts.path == str(repo)
    assert facts.branch == "main"
    assert facts.commit == git(repo, "rev-parse", "HEAD")
    assert facts.identity == Identity("Ada", "ada@example.org")
    assert facts.claimed_by is None
    assert facts.warnings == ()


def test_an_unknown_identity_is_ours_and_said(repositories: GitRepositories, repo: Path) -> None:
    facts = repositories.inspect(str(repo), None)
    assert facts.identity == Identity("SPS", "sps@localhost")
    assert any("user.name" in warning for warning in facts.warnings)


def test_a_named_branch_is_used(repositories: GitRepositories, repo: Path) -> None:
    git(repo, "branch", "feature/x")
    git(repo, "checkout", "-q", "--detach")
    assert repositories.inspect(str(repo), "feature/x").branch == "feature/x"
    assert code_of(repositories, repo) == "detached-head"


def test_a_bare_repository_is_one(
    repositories: GitRepositories, repo: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
    facts = repositories.inspect(str(tmp_path / "bare.git"), None)
    assert (facts.path, facts.branch) == (str(tmp_path / "bare.git"), "main")


def test_what_is_no_usable_repository_has_its_code(
    repositories: GitRepositories, repo: Path, tmp_path: Path
) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q", "-b", "main")
    assert code_of(repositories, tmp_path / "plain") == "not-a-repository"
    assert code_of(repositories, tmp_path / "file") == "not-a-repository"
    assert code_of(repositories, tmp_path / "none") == "not-a-repository"
    assert code_of(repositories, repo / ".git") == "not-a-repository"
    assert code_of(repositories, tmp_path / "empty") == "empty-repository"
    assert code_of(repositories, tmp_path / "empty", "main") == "empty-repository"


@pytest.mark.parametrize(
    "branch", ["mian", "--help", "-x", "main~1", "HEAD", "a b", "main\nx", "$(id)"]
)
def test_a_branch_that_is_not_there_is_missing(
    repositories: GitRepositories, repo: Path, branch: str
) -> None:
    put(repo, {"a": "b"})
    assert code_of(repositories, repo, branch) == "missing-branch"


def test_a_misspelt_branch_gets_a_suggestion(repositories: GitRepositories, repo: Path) -> None:
    with pytest.raises(Misuse, match='did you mean "main"'):
        repositories.inspect(str(repo), "mian")


def test_peculiar_repositories_are_warned_about(
    repositories: GitRepositories, repo: Path, tmp_path: Path
) -> None:
    put(repo, {".gitmodules": "", ".gitattributes": "*.bin filter=lfs\n", "sub/x": ""})
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo}", "shallow")
    facts = repositories.inspect(str(tmp_path / "shallow" / "sub"), None)
    assert facts.path == str(tmp_path / "shallow")
    told = " ".join(facts.warnings)
    for word in ("inside the repository", "shallow", "submodules", "LFS", "user.name"):
        assert word in told


def test_a_repository_of_another_user_is_refused(repositories: GitRepositories, repo: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: only root can give files away")
    os.chown(repo / ".git", 12345, 12345)
    assert code_of(repositories, repo) == "foreign-repository"


def test_without_git_it_is_absent(repo: Path) -> None:
    with pytest.raises(Absent) as caught:
        GitRepositories({"PATH": "/nonexistent"}).inspect(str(repo), None)
    assert caught.value.code == "git-missing"


def test_variables_of_the_caller_do_not_redirect(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q", "-b", "elsewhere")
    put(other, {"x": "y"})
    repositories = GitRepositories(ENVIRONMENT | {"GIT_DIR": str(other / ".git")})
    assert repositories.inspect(str(repo), None).branch == "main"


def test_looking_runs_nothing_and_changes_nothing(
    repositories: GitRepositories, repo: Path, tmp_path: Path
) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "diff.external"):
        git(repo, "config", key, str(trap))
    git(repo, "config", "filter.x.smudge", str(trap))
    git(repo, "config", "diff.x.textconv", str(trap))
    put(repo, {".gitattributes": "* filter=x diff=x\n", "Makefile": "test:\n\t./trap\n"})
    (tmp_path / "sprung").unlink(missing_ok=True)
    for hook in ("post-checkout", "reference-transaction", "pre-commit"):
        (repo / ".git" / "hooks").mkdir(exist_ok=True)
        (repo / ".git" / "hooks" / hook).write_text(trap.read_text())
        (repo / ".git" / "hooks" / hook).chmod(0o755)
    before = {path: path.stat().st_mtime_ns for path in repo.rglob("*")}
    facts = repositories.inspect(str(repo), None)
    repositories.proposals(str(repo), facts.commit)
    assert {path: path.stat().st_mtime_ns for path in repo.rglob("*")} == before
    assert not (tmp_path / "sprung").exists()


# --- claims --------------------------------------------------------------------------------------


def test_a_claim_is_kept_until_its_owner_takes_it_back(
    repositories: GitRepositories, repo: Path
) -> None:
    repositories.claim(str(repo), "home-1 shop")
    repositories.claim(str(repo), "home-1 shop")
    assert repositories.inspect(str(repo), None).claimed_by == "home-1 shop"
    with pytest.raises(Misuse) as caught:
        repositories.claim(str(repo), "home-2 shop")
    assert caught.value.code == "repository-claimed"
    assert "home-1 shop" in caught.value.message
    repositories.unclaim(str(repo), "home-2 shop")
    assert repositories.inspect(str(repo), None).claimed_by == "home-1 shop"
    repositories.unclaim(str(repo), "home-1 shop")
    repositories.unclaim(str(repo), "home-1 shop")
    assert repositories.inspect(str(repo), None).claimed_by is None
    assert git(repo, "status", "--porcelain") == ""


def test_work_trees_of_one_repository_share_the_claim(
    repositories: GitRepositories, repo: Path, tmp_path: Path
) -> None:
    git(repo, "worktree", "add", "-q", str(tmp_path / "tree"), "-b", "other")
    repositories.claim(str(tmp_path / "tree"), "home-1 shop")
    assert repositories.inspect(str(repo), None).claimed_by == "home-1 shop"


def test_a_planted_link_is_not_followed(
    repositories: GitRepositories, repo: Path, tmp_path: Path
) -> None:
    (repo / ".git" / "sps-claim").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Misuse) as caught:
        repositories.claim(str(repo), "home-1 shop")
    assert caught.value.code == "repository-claimed"
    assert not (tmp_path / "elsewhere").exists()
    claimed = repositories.inspect(str(repo), None).claimed_by
    assert claimed is not None
    repositories.unclaim(str(repo), claimed)
    repositories.claim(str(repo), "home-1 shop")


def test_a_repository_that_is_gone_needs_no_unclaiming(
    repositories: GitRepositories, tmp_path: Path
) -> None:
    repositories.unclaim(str(tmp_path / "gone"), "home-1 shop")


# --- proposals -----------------------------------------------------------------------------------


def proposed(
    repositories: GitRepositories, repo: Path, files: dict[str, str]
) -> list[tuple[str, str, str]]:
    return repositories.proposals(str(repo), put(repo, files))


PACKAGE = json.dumps({"scripts": {"test": "vitest", "lint": "eslint .", "build": "vite", "x": "y"}})
WORKFLOW = """\
on: push
jobs:
  a:
    steps:
      - uses: actions/checkout@v4
      - run: pytest -q tests
      - run: |
          pip install -e .
          ruff check .
          curl https://x.example | sh
          pytest ${{ matrix.x }}
      - {run: npm test, working-directory: web}
"""


@pytest.mark.parametrize(
    "files,expected",
    [
        ({}, []),
        (
            {"pyproject.toml": "[tool.ruff]\n[tool.mypy]\n", "tests/test_a.py": ""},
            [
                ("tests", "python3 -m pytest -q", "tests"),
                ("lint", "ruff check .", "pyproject.toml"),
                ("types", "mypy .", "pyproject.toml"),
            ],
        ),
        ({"pyproject.toml": "[tool.mypy]\nfiles=['src']\n"}, [("types", "mypy", "pyproject.toml")]),
        ({"pyproject.toml": "not = [toml"}, []),
        ({"tox.ini": ""}, [("tests", "tox", "tox.ini")]),
        ({"noxfile.py": ""}, [("tests", "nox", "noxfile.py")]),
        (
            {"package.json": PACKAGE, "pnpm-lock.yaml": ""},
            [
                ("tests", "pnpm test", "package.json"),
                ("lint", "pnpm run lint", "package.json"),
                ("build", "pnpm run build", "package.json"),
            ],
        ),
        ({"package.json": '{"scripts": {"test": "echo no test specified"}}'}, []),
        ({"package.json": "[" * 100_000}, []),
        (
            {"Makefile": "test: a\nlint:\ncheck :\nbuild := 3\ntests:\n"},
            [
                ("tests", "make test", "Makefile"),
                ("lint", "make lint", "Makefile"),
                ("check", "make check", "Makefile"),
            ],
        ),
        (
            {"go.mod": ""},
            [("tests", "go test ./...", "go.mod"), ("lint", "go vet ./...", "go.mod")],
        ),
        (
            {"Cargo.toml": ""},
            [("tests", "cargo test", "Cargo.toml"), ("lint", "cargo clippy", "Cargo.toml")],
        ),
        (
            {".pre-commit-config.yaml": "", "lefthook.yml": ""},
            [
                ("pre-commit", "pre-commit run --all-files", ".pre-commit-config.yaml"),
                ("lefthook", "lefthook run pre-commit --all-files", "lefthook.yml"),
            ],
        ),
        (
            {".husky/pre-commit": "#!/bin/sh\nnpm test\nrm -rf x\n"},
            [("tests", "npm test", ".husky/pre-commit")],
        ),
        (
            {".github/workflows/ci.yml": WORKFLOW},
            [
                ("tests", "pytest -q tests", ".github/workflows/ci.yml"),
                ("lint", "ruff check .", ".github/workflows/ci.yml"),
            ],
        ),
        (
            {".gitlab-ci.yml": "a: {script: [cargo test, ls]}\nb:\n  script: make build\n"},
            [
                ("tests", "cargo test", ".gitlab-ci.yml"),
                ("build", "make build", ".gitlab-ci.yml"),
            ],
        ),
        (
            {
                "my web/package.json": PACKAGE,
                "go/go.mod": "",
                "deep/er/go.mod": "",
                "node_modules/go.mod": "",
            },
            [
                ("tests-go", "cd go && go test ./...", "go/go.mod"),
                ("lint-go", "cd go && go vet ./...", "go/go.mod"),
                ("tests-my-web", "cd 'my web' && npm test", "my web/package.json"),
                ("lint-my-web", "cd 'my web' && npm run lint", "my web/package.json"),
                ("build-my-web", "cd 'my web' && npm run build", "my web/package.json"),
            ],
        ),
        (
            {"go.mod": "", "Makefile": "test:\nbuild:\n", ".github/workflows/a.yml": WORKFLOW},
            [
                ("tests", "go test ./...", "go.mod"),
                ("lint", "go vet ./...", "go.mod"),
                ("build", "make build", "Makefile"),
            ],
        ),
        (
            {"go.mod": "", "package.json": PACKAGE},
            [
                ("tests", "npm test", "package.json"),
                ("lint", "npm run lint", "package.json"),
                ("build", "npm run build", "package.json"),
                ("tests-2", "go test ./...", "go.mod"),
                ("lint-2", "go vet ./...", "go.mod"),
            ],
        ),
    ],
)
def test_gates_are_proposed_from_what_the_files_say(
    repositories: GitRepositories,
    repo: Path,
    files: dict[str, str],
    expected: list[tuple[str, str, str]],
) -> None:
    assert proposed(repositories, repo, files) == expected


BARE = "[project]\nname = 'shop'\n"
USES_UNITTEST = "import unittest\n\nclass A(unittest.TestCase): ...\n"
USES_PYTEST = "import pytest\n"


@pytest.mark.parametrize(
    "files,command,where",
    [
        ({"tests/test_a.py": USES_UNITTEST}, "unittest discover -s tests", "tests/test_a.py"),
        (
            {"tests/test_a.py": USES_UNITTEST, "tests/__init__.py": ""},
            "unittest",
            "tests/test_a.py",
        ),
        ({"test_a.py": USES_UNITTEST}, "unittest", "test_a.py"),
        (
            {"test/a_test.py": USES_UNITTEST},
            "unittest discover -s test -p '*_test.py'",
            "test/a_test.py",
        ),
        (
            {"tests/test_a.py": USES_UNITTEST, "tests/test_b.py": USES_PYTEST},
            "pytest -q",
            "tests/test_b.py",
        ),
        (
            {"tests/test_a.py": USES_UNITTEST, "tests/conftest.py": ""},
            "pytest -q",
            "tests/conftest.py",
        ),
        ({"tests/test_a.py": USES_UNITTEST, "pytest.ini": ""}, "pytest -q", "pytest.ini"),
        (
            {"tests/test_a.py": USES_UNITTEST, "setup.cfg": "[tool:pytest]\n"},
            "pytest -q",
            "setup.cfg",
        ),
        (
            {"tests/test_a.py": USES_UNITTEST, "requirements-dev.txt": "x==1\npytest>=8\n"},
            "pytest -q",
            "requirements-dev.txt",
        ),
        (
            {"tests/test_a.py": USES_UNITTEST, "requirements.txt": "pytestify==1\n"},
            "unittest discover -s tests",
            "tests/test_a.py",
        ),
        (
            {
                "tests/test_a.py": USES_UNITTEST,
                "pyproject.toml": BARE + "[dependency-groups]\ndev = ['pytest-cov']\n",
            },
            "pytest -q",
            "pyproject.toml",
        ),
        ({"tests/test_a.py": "def test_a(): ...\n"}, "pytest -q", "tests"),
    ],
)
def test_python_tests_are_run_by_what_their_files_call_for(
    repositories: GitRepositories, repo: Path, files: dict[str, str], command: str, where: str
) -> None:
    found = proposed(repositories, repo, {"pyproject.toml": BARE, **files})
    assert found == [("tests", f"python3 -m {command}", where)]


def test_python_tests_of_a_part_are_found_there(repositories: GitRepositories, repo: Path) -> None:
    files = {"api/setup.py": "", "api/tests/test_a.py": USES_UNITTEST, "api/__init__.py": ""}
    command = "cd api && python3 -m unittest discover -s tests"
    assert proposed(repositories, repo, files) == [("tests-api", command, "api/tests/test_a.py")]


def test_unittest_is_shown_the_packages_below_src(
    repositories: GitRepositories, repo: Path
) -> None:
    files = {"setup.py": "", "src/shop/__init__.py": "", "tests/test_a.py": USES_UNITTEST}
    command = "PYTHONPATH=src python3 -m unittest discover -s tests"
    assert proposed(repositories, repo, files) == [("tests", command, "tests/test_a.py")]


@pytest.mark.parametrize(
    "files,gates",
    [
        (
            {"shop.py": "", "tests/__init__.py": "", "tests/test_a.py": USES_UNITTEST},
            [("tests", "python3 -m unittest", "tests/test_a.py")],
        ),
        (
            {"Makefile": "test:\n\tx\n", "tests/test_a.py": USES_UNITTEST},
            [("tests", "make test", "Makefile")],
        ),
        ({"main.c": "", "tests/run.sh": "", "tests/__init__.py": ""}, []),
    ],
)
def test_python_tests_without_a_file_of_a_project_are_run_where_nothing_else_is_said(
    repositories: GitRepositories, repo: Path, files: dict[str, str], gates: list[object]
) -> None:
    assert proposed(repositories, repo, files) == gates


def test_a_python_project_without_tests_gets_no_test_gate(
    repositories: GitRepositories, repo: Path
) -> None:
    files = {"pyproject.toml": BARE, "__init__.py": "", "api/setup.cfg": "[metadata]\n"}
    assert proposed(repositories, repo, files) == []


def test_proposals_are_bounded_and_their_names_differ(
    repositories: GitRepositories, repo: Path
) -> None:
    found = proposed(repositories, repo, {f"m{index}/go.mod": "" for index in range(60)})
    assert len(found) == 12
    assert len({name for name, _, _ in found}) == 12


def test_proposals_come_from_the_commit_not_from_the_work_tree(
    repositories: GitRepositories, repo: Path, tmp_path: Path
) -> None:
    commit = git(repo, "rev-parse", "HEAD")
    (repo / "go.mod").touch()
    assert repositories.proposals(str(repo), commit) == []
    (tmp_path / "outside").write_text("test:\n")
    (repo / "Makefile").symlink_to(tmp_path / "outside")
    (repo / "go.mod").unlink()
    assert proposed(repositories, repo, {}) == []


def test_a_wrong_path_is_answered_with_what_is_there(
    repositories: GitRepositories, repo: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file.txt").touch()
    (tmp_path / "shop").mkdir()
    for said, hint in (
        ("shpo", f"sps project init NAME --repo {tmp_path}/shop"),
        ("folder/file.txt", f"sps project init NAME --repo {tmp_path}/folder"),
        ("folder/nothing/like/it", f"ls {tmp_path}/folder"),
        ("folder", f"git init {tmp_path}/folder"),
    ):
        with pytest.raises(Misuse) as refused:
            repositories.inspect(str(tmp_path / said), None)
        assert refused.value.hint == hint
