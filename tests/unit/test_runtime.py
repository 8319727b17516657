"""Where Python lies, and the command that sets limits."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sps.lib.rlimit import limit_command
from sps.lib.runtime import interpreter, interpreter_prefix, package_path, runtime_paths


def test_runtime_paths_hold_the_interpreter_and_the_environment() -> None:
    paths = [Path(path) for path in runtime_paths()]
    for needed in (sys.prefix, sys.base_prefix, sys.executable, interpreter()):
        assert any(Path(needed).is_relative_to(path) for path in paths)
    assert all(path.is_absolute() and path.is_dir() and path != Path("/") for path in paths)
    assert len(set(paths)) == len(paths)


def test_runtime_paths_hold_each_link_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("venv", "short", "real"):
        (tmp_path / name / "bin").mkdir(parents=True)
    (tmp_path / "real/bin/python3.11").touch()
    (tmp_path / "short/bin/python3").symlink_to("../../real/bin/python3.11")
    (tmp_path / "venv/bin/python").symlink_to(tmp_path / "short/bin/python3")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv/bin/python"))
    assert {str(tmp_path / name) for name in ("venv", "short", "real")} <= set(runtime_paths())


def test_bare_interpreter_runs_from_its_prefix() -> None:
    code = "import sys, os; print(os.path.realpath(sys.prefix))"
    ended = subprocess.run(
        [interpreter(), "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == interpreter_prefix()


def test_package_path_holds_this_package() -> None:
    assert (Path(package_path()) / "lib" / "runtime.py").is_file()


def test_no_limits_is_no_command() -> None:
    assert limit_command() == ()


@pytest.mark.parametrize("has_prlimit", [True, False])
def test_limits_hold_with_and_without_util_linux(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_prlimit: bool
) -> None:
    if not has_prlimit:
        monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    prefix = limit_command(open_files=40, file_bytes=1024, memory_bytes=1 << 30)
    script = "ulimit -n; ulimit -v; ulimit -Hn; head -c 5000 /dev/zero > big; exit 3"
    ended = subprocess.run(
        [*prefix, "/bin/sh", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.split() == ["40", str(1 << 20), "40"]
    assert ended.returncode == 3
    assert (tmp_path / "big").stat().st_size == 1024


def test_limit_above_what_the_host_allows_is_lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (10, 100))
    assert "--nofile=100:100" in limit_command(open_files=4096)
