"""A test whose program is missing is never silently left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_TESTS = Path(__file__).resolve().parent.parent
_SAMPLE = """
import pytest

@pytest.mark.needs("a-program-that-nobody-has")
def test_sample():
    pass

@pytest.mark.needs("git")
def test_other():
    pass
"""


def _run_sample(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(_TESTS / "conftest.py", folder / "conftest.py")
    shutil.copy(_TESTS.parent / "pyproject.toml", folder / "pyproject.toml")
    (folder / "test_sample.py").write_text(_SAMPLE, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_sample.py"]
    environment = {**os.environ, "CI": ci}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )


@pytest.mark.parametrize(
    "ci,code,summary", [("", 0, "1 passed, 1 skipped"), ("true", 1, "1 passed, 1 error")]
)
def test_missing_program_is_loud_on_a_desk_and_fails_in_ci(
    tmp_path: Path, ci: str, code: int, summary: str
) -> None:
    outcome = _run_sample(tmp_path, ci)
    assert outcome.returncode == code, outcome.stdout + outcome.stderr
    assert summary in outcome.stdout
    assert "NOT TESTED: a-program-that-nobody-has is not installed" in outcome.stdout
