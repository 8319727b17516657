"""What every sandbox promises, and what only a real one does."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from sps.adapters.sandbox_bwrap import BwrapSandbox
from sps.lib.process import kill_tree
from sps.lib.proctree import kill_all
from sps.model.errors import Misuse, WorkFailed
from sps.ports.sandbox import Limits, Sandbox
from tests.contract.boxes import (
    ENV,
    SANDBOXES,
    TAG,
    box,
    carriers,
    finish,
    fresh_tag,
    python,
    said,
    until,
)

needs_bwrap = pytest.mark.needs("bwrap")

# A child in a session of its own whose parent is gone, as agents leave them.
_SCATTER = """
import os, subprocess, sys, time
for _ in range(2):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(1000)
        os._exit(0)
print("up", flush=True)
time.sleep(1000)
"""


@pytest.fixture(params=[pytest.param("bwrap", marks=needs_bwrap), "none"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return SANDBOXES[request.param]()


def test_probe_says_that_it_works(sandbox: Sandbox) -> None:
    assert sandbox.probe().ok
    assert sandbox.probe() == sandbox.probe()


def test_environment_is_exactly_what_was_given(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPS_CANARY", "of the host")
    home = tmp_path / "home"
    home.mkdir()
    given = {**ENV, "ODD": "a=b\nc ' \" $HOME", "EMPTY": "", "LD_BIND_NOW": "1"}
    ended = finish(sandbox.launch(box(tmp_path, ("env", "-0"), env=given, home=str(home))))
    seen = dict(entry.split("=", 1) for entry in ended.stdout.decode().split("\0") if entry)
    assert seen.pop("PWD", str(tmp_path)) == str(tmp_path)
    assert seen == {**given, "HOME": str(home)}


def test_command_runs_in_its_folder_and_can_write_there(sandbox: Sandbox, tmp_path: Path) -> None:
    ended = finish(sandbox.launch(box(tmp_path, ("sh", "-c", "pwd; echo text > made"))))
    assert ended.stdout.decode().strip() == str(tmp_path)
    assert (tmp_path / "made").read_text(encoding="utf-8") == "text\n"
    assert (tmp_path / "made").stat().st_uid == os.getuid()


@pytest.mark.parametrize("code", [0, 1, 126, 127, 255])
def test_exit_status_is_the_commands_own(sandbox: Sandbox, tmp_path: Path, code: int) -> None:
    assert finish(sandbox.launch(box(tmp_path, ("sh", "-c", f"exit {code}")))).returncode == code


def test_streams_are_the_commands_own(sandbox: Sandbox, tmp_path: Path) -> None:
    ended = finish(sandbox.launch(box(tmp_path, ("sh", "-c", "cat; echo e >&2"))), stdin=b"\0\xff")
    assert (ended.stdout, ended.stderr) == (b"\0\xff", b"e\n")


def test_much_output_comes_through_whole(sandbox: Sandbox, tmp_path: Path) -> None:
    size = 20 * 1024 * 1024
    ended = finish(sandbox.launch(box(tmp_path, ("head", "-c", str(size), "/dev/zero"))))
    assert ended.stdout == bytes(size)


def test_home_is_the_given_folder(sandbox: Sandbox, tmp_path: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    finish(sandbox.launch(box(work, ("sh", "-c", 'echo kept > "$HOME/file"'), home=str(home))))
    assert (home / "file").read_text(encoding="utf-8") == "kept\n"


def test_limits_hold(sandbox: Sandbox, tmp_path: Path) -> None:
    limits = Limits(open_files=50, file_bytes=4096)
    script = "ulimit -n; head -c 100000 /dev/zero > big"
    ended = finish(sandbox.launch(box(tmp_path, ("sh", "-c", script), limits=limits)))
    assert ended.stdout == b"50\n"
    assert (tmp_path / "big").stat().st_size == 4096


def test_no_limits_is_no_command_before_the_command(sandbox: Sandbox, tmp_path: Path) -> None:
    limits = Limits(processes=0, open_files=0, file_bytes=0)
    assert sandbox.launch(box(tmp_path, ("true",), limits=limits)).argv[-1] == "true"
    assert finish(sandbox.launch(box(tmp_path, ("true",), limits=limits))).returncode == 0


def test_kill_leaves_nothing_behind(sandbox: Sandbox, tmp_path: Path) -> None:
    tag = fresh_tag()
    launch = sandbox.launch(box(tmp_path, python(_SCATTER), env={**ENV, TAG: tag}))
    with subprocess.Popen(
        launch.argv, env=launch.env, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        assert until(lambda: len(carriers(tag)) >= 3)
        kill_tree(child.pid)
        if sandbox.name == "none":  # where it takes the sweep as well
            kill_all(carriers(tag))
        child.wait()
    assert until(lambda: not carriers(tag))


# --- only a real sandbox


@needs_bwrap
def test_end_of_the_command_ends_what_it_left_running(tmp_path: Path) -> None:
    tag = fresh_tag()
    script = "(setsid sleep 1000 &) ; env -i sleep 1000 & echo done"
    launch = BwrapSandbox().launch(box(tmp_path, ("sh", "-c", script), env={**ENV, TAG: tag}))
    assert finish(launch).stdout == b"done\n"
    assert until(lambda: not carriers(tag))


@needs_bwrap
def test_command_is_an_ordinary_user_without_powers(tmp_path: Path) -> None:
    script = "id -un; id -u; umask; grep -E 'Cap(Eff|Prm|Bnd)|NoNewPrivs' /proc/self/status"
    lines = said(finish(BwrapSandbox().launch(box(tmp_path, ("sh", "-c", script))))).split("\n")
    assert lines[:2] == ["sps", "1000"]
    assert {line.split()[-1].strip("0") for line in lines[3:] if line.startswith("Cap")} == {""}
    assert "NoNewPrivs:\t1" in lines


@needs_bwrap
def test_home_in_memory_is_writable_and_gone_afterwards(tmp_path: Path) -> None:
    one = ("sh", "-c", 'ls -A "$HOME"; echo x > "$HOME/file"; ls -A "$HOME"')
    for env in (ENV, {**ENV, "HOME": str(tmp_path.parent / "nowhere")}):
        for _ in range(2):
            assert said(finish(BwrapSandbox().launch(box(tmp_path, one, env=env)))) == "file\n"
    assert not (tmp_path.parent / "nowhere").exists()


@needs_bwrap
def test_nested_folders_keep_their_own_rules(tmp_path: Path) -> None:
    deep = tmp_path / "work" / "ro" / "rw"
    deep.mkdir(parents=True)
    work = tmp_path / "work"
    attempt = box(
        work,
        ("sh", "-c", "touch a; touch ro/b; touch ro/rw/c; true"),
        writable=(str(deep), str(work)),
        readonly=(str(work / "ro"),),
    )
    finish(BwrapSandbox().launch(attempt))
    made = sorted(path.name for path in work.rglob("*") if path.is_file())
    assert made == ["a", "c"]


@needs_bwrap
def test_listed_both_ways_is_readonly(tmp_path: Path) -> None:
    attempt = box(tmp_path, ("touch", "x"), readonly=(str(tmp_path),))
    assert finish(BwrapSandbox().launch(attempt)).returncode != 0
    assert not (tmp_path / "x").exists()


@needs_bwrap
def test_folder_reached_through_a_link_works_under_both_names(tmp_path: Path) -> None:
    (tmp_path / "real" / "work").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    work = tmp_path / "link" / "work"
    real = tmp_path / "real" / "work"
    launch = BwrapSandbox().launch(box(work, ("sh", "-c", f"pwd; touch {work}/a {real}/b")))
    assert str(work) in said(finish(launch))
    assert sorted(path.name for path in real.iterdir()) == ["a", "b"]


@needs_bwrap
def test_python_runs_with_everything_it_needs(tmp_path: Path) -> None:
    code = (
        "import ssl, socket, getpass, pwd, tempfile; print(getpass.getuser(), tempfile.mkdtemp())"
    )
    assert said(finish(BwrapSandbox().launch(box(tmp_path, python(code))))).startswith("sps /tmp/")


@needs_bwrap
def test_signalled_command_gives_128_and_the_number(tmp_path: Path) -> None:
    launch = BwrapSandbox().launch(box(tmp_path, ("sh", "-c", "kill -9 $$")))
    assert finish(launch).returncode == 128 + signal.SIGKILL


@pytest.mark.parametrize(
    "path", ["/", "/etc", "/etc/ssl", "/usr", "/home", "/tmp", "/root", "/var", "/dev", "/proc"]
)
def test_host_folders_are_never_written(tmp_path: Path, path: str) -> None:
    with pytest.raises(Misuse) as caught:
        BwrapSandbox(program="true").launch(box(tmp_path, ("true",), writable=(path,)))
    assert caught.value.code == "sandbox-path"


@pytest.mark.parametrize("how", ["writable", "readonly", "home"])
def test_homes_and_what_is_above_them_are_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "owner"))
    home_of_sps = tmp_path / "elsewhere" / ".sps"
    work = home_of_sps / "work"
    work.mkdir(parents=True)
    (tmp_path / "owner").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "owner")
    sandbox = BwrapSandbox(program="true", protected=(str(home_of_sps),))
    for path in (tmp_path / "owner", tmp_path / "link", tmp_path, home_of_sps, home_of_sps.parent):
        more = {how: str(path) if how == "home" else (str(path),)}
        with pytest.raises(Misuse):
            sandbox.launch(box(work, ("true",), **more))
    assert sandbox.launch(box(work, ("true",))).argv


def test_link_planted_in_a_writable_folder_is_refused(tmp_path: Path) -> None:
    work, secret = tmp_path / "work", tmp_path / "secret"
    (work / "inner").mkdir(parents=True)
    secret.mkdir()
    (work / "out").symlink_to("../secret")
    (work / "chain").symlink_to("inner/second")
    (work / "inner" / "second").symlink_to(secret)
    (work / "fine").symlink_to("inner")
    (tmp_path / "alias").symlink_to("work")
    sandbox = BwrapSandbox(program="true")
    for name in ("work/out", "work/chain", "work/inner/second", "alias/out", "alias/chain"):
        with pytest.raises(WorkFailed) as caught:
            sandbox.launch(box(work, ("true",), readonly=(str(tmp_path / name),)))
        assert caught.value.code == "sandbox-path"
    assert sandbox.launch(box(work, ("true",), readonly=(str(work / "fine"),))).argv


@pytest.mark.parametrize("path", ["relative", "/no/such/folder", "/tmp/\0"])
def test_paths_that_mean_nothing_are_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises((Misuse, WorkFailed)):
        BwrapSandbox(program="true").launch(box(tmp_path, ("true",), readonly=(path,)))


def test_loader_variables_do_not_reach_bubblewrap_itself(tmp_path: Path) -> None:
    env = {**ENV, "LD_PRELOAD": str(tmp_path / "evil.so"), "KEY": "secret"}
    launch = BwrapSandbox(program="true").launch(box(tmp_path, ("true",), env=env))
    assert "LD_PRELOAD" not in launch.env
    assert launch.argv[launch.argv.index("--setenv") + 1] == "LD_PRELOAD"
    assert launch.env["KEY"] == "secret"
    assert "secret" not in " ".join(launch.argv)  # everyone on the host can read that
