"""scripts/setup.sh: the environment of a checkout is kept while it works, and holds the lock."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements-uv.lock", "requirements-dev.lock")
# A Python that comes first on PATH, has another version, and tells when it makes an environment.
OTHER = """\
#!/bin/sh
case "$*" in
-VV) echo "Python 3.99.0 (another one)" ;;
*venv*) echo made >"{made}"; exit 1 ;;
esac
"""

pytestmark = pytest.mark.needs("git", "bwrap", "bash")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What setup.sh looks at, with an environment in which nothing is installed."""
    folder = tmp_path / "checkout"
    for name in ("scripts/setup.sh", "pyproject.toml", "src/sps/__init__.py", *LOCKS):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    words = [sys.executable, "-m", "venv", "--without-pip", str(folder / ".venv")]
    subprocess.run(words, check=True, timeout=60)
    return folder


def other_made_one(checkout: Path, **env: str) -> bool:
    """Run setup.sh while another Python comes first; say whether that was to make .venv."""
    tools = checkout.parent / "tools"
    tools.mkdir()
    made = checkout.parent / "made"
    (tools / "python3").write_text(OTHER.format(made=made))
    (tools / "python3").chmod(0o755)
    env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "SPS_PYTHON": "", **env}
    subprocess.run(
        [checkout / "scripts/setup.sh"], env=env, check=False, capture_output=True, timeout=60,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return made.exists()


def test_an_environment_that_works_is_kept_whatever_comes_first_on_path(checkout: Path) -> None:
    assert not other_made_one(checkout)
    assert (checkout / ".venv/bin/python").exists()


def test_an_environment_whose_python_is_gone_is_made_again(checkout: Path) -> None:
    (checkout / ".venv/bin/python").unlink()
    (checkout / ".venv/bin/python").symlink_to("/nonexistent/python3")
    assert other_made_one(checkout)


def test_a_python_that_was_named_is_taken(checkout: Path) -> None:
    named = str(checkout.parent / "tools" / "python3")
    assert other_made_one(checkout, SPS_PYTHON=named)


def test_nothing_is_installed_that_the_lock_files_do_not_name(tmp_path: Path) -> None:
    def unlocked(*locks: str) -> list[str]:
        words = [sys.executable, "scripts/unlocked.py", *locks]
        done = subprocess.run(
            words, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60
        )
        return done.stdout.split()

    assert unlocked(*LOCKS) == []
    short = tmp_path / "short.lock"
    short.write_text((ROOT / LOCKS[1]).read_text().replace("\npytest==", "\n# pytest=="))
    assert unlocked(LOCKS[0], str(short)) == ["pytest"]
