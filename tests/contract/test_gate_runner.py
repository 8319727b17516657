"""Gate commands: what they say, what they may do, and that nothing of them stays."""

from __future__ import annotations

import asyncio
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest

from sps.adapters.gate_command import CommandGates
from sps.adapters.gate_command.gates import TAG
from sps.adapters.sandbox_bwrap import BwrapSandbox
from sps.adapters.sandbox_none import NoSandbox
from sps.lib.proctree import tagged
from sps.model.pipeline import SandboxMode
from sps.ports.gate import GateJob, GateRun
from sps.ports.sandbox import Box, Launch, Probe
from tests.contract.boxes import fresh_tag, until
from tests.contract.endpoints import echo, tcp


@pytest.fixture(
    params=[pytest.param(SandboxMode.AUTO, marks=pytest.mark.needs("bwrap")), SandboxMode.NONE]
)
def mode(request: pytest.FixtureRequest) -> SandboxMode:
    return SandboxMode(request.param)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout; private home folders are made beside it."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("SPS_CANARY", "of the host")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    return checkout


def _gates(**more: Any) -> CommandGates:
    return CommandGates({SandboxMode.AUTO: BwrapSandbox(), SandboxMode.NONE: NoSandbox()}, **more)


def _job(folder: Path, command: str, mode: SandboxMode, **more: Any) -> GateJob:
    given = {"timeout": 60.0, "env": {}, "tag": fresh_tag()} | more
    log = str(folder.parent / "logs" / "gate.log")
    return GateJob(name="g", run=command, checkout=str(folder), log=log, sandbox=mode, **given)


def _run(folder: Path, command: str, mode: SandboxMode, **more: Any) -> GateRun:
    return asyncio.run(_gates().run(_job(folder, command, mode, **more)))


def _log(folder: Path) -> bytes:
    return (folder.parent / "logs" / "gate.log").read_bytes()


@pytest.mark.parametrize("code", [0, 1, 2, 126, 127])
def test_exit_code_is_the_verdict(folder: Path, mode: SandboxMode, code: int) -> None:
    outcome = _run(folder, f"exit {code}", mode)
    assert (outcome.exit_code, outcome.timed_out, outcome.infrastructure) == (code, False, None)


def test_command_that_does_not_exist_is_an_ordinary_failure(
    folder: Path, mode: SandboxMode
) -> None:
    outcome = _run(folder, "no-such-program --at-all", mode)
    assert (outcome.exit_code, outcome.infrastructure) == (127, None)
    assert "no-such-program" in outcome.tail


def test_syntax_error_is_an_ordinary_failure(folder: Path, mode: SandboxMode) -> None:
    outcome = _run(folder, "echo 'x", mode)
    assert (outcome.exit_code, outcome.infrastructure) == (2, None)


def test_both_streams_are_logged_in_order(folder: Path, mode: SandboxMode) -> None:
    outcome = _run(folder, "echo one; echo two >&2; echo three", mode)
    assert outcome.tail == "one\ntwo\nthree\n"
    assert _log(folder) == b"one\ntwo\nthree\n"
    assert stat.S_IMODE((folder.parent / "logs" / "gate.log").stat().st_mode) == 0o600


def test_tail_is_safe_to_show_and_log_is_not_changed(folder: Path, mode: SandboxMode) -> None:
    outcome = _run(folder, r"printf '\033[31mred\033[0m \377\000 end'", mode)
    assert outcome.tail == "red \ufffd\ufffd end"
    assert _log(folder) == b"\x1b[31mred\x1b[0m \xff\0 end"


def test_environment_is_fixed_and_the_jobs_own(folder: Path, mode: SandboxMode) -> None:
    tag = fresh_tag()
    _run(folder, "env -0", mode, env={"CI": "true", "LANG": "C", "HOME": "/nowhere"}, tag=tag)
    seen = dict(entry.split("=", 1) for entry in _log(folder).decode().split("\0") if entry)
    for set_by_the_shell in ("PWD", "SHLVL", "_", "OLDPWD"):
        seen.pop(set_by_the_shell, None)
    home = seen.pop("HOME")
    assert not Path(home).exists()
    assert home.startswith(str(folder.parent / "temporary"))
    assert seen.pop("PATH").startswith("/usr/local/bin:/usr/bin:/bin")
    assert seen == {"CI": "true", "LANG": "C", "TMPDIR": "/tmp", "SPS_RUN": tag}


def test_home_is_private_empty_and_removed(folder: Path, mode: SandboxMode) -> None:
    script = 'ls -A "$HOME"; mkdir -p "$HOME/a/b"; ln -s / "$HOME/a/l"; chmod 0 "$HOME/a/b" "$HOME"'
    for _ in range(2):
        assert _run(folder, script, mode).tail == ""
    assert list((folder.parent / "temporary").iterdir()) == []


def test_checkout_is_writable_for_build_output(folder: Path, mode: SandboxMode) -> None:
    assert _run(folder, "mkdir build && echo x > build/out && pwd", mode).tail == f"{folder}\n"
    assert (folder / "build" / "out").exists()


def test_shell_is_bash_without_start_files(folder: Path, mode: SandboxMode) -> None:
    (folder / "rc").write_text("echo started", encoding="utf-8")
    script = '[[ -n $BASH_VERSION ]] && shopt -q login_shell || echo "no login: $0"'
    outcome = _run(folder, script, mode, env={"ENV": str(folder / "rc")})
    assert outcome.tail.startswith("no login")


def test_timeout_ends_the_whole_tree(folder: Path, mode: SandboxMode) -> None:
    tag = fresh_tag()
    script = "trap '' TERM; setsid sleep 1000 & echo before; sleep 1000"
    outcome = _run(folder, script, mode, timeout=2.0, tag=tag)
    assert (outcome.exit_code, outcome.timed_out, outcome.infrastructure) == (None, True, None)
    assert outcome.tail == "before\n"
    assert tagged(TAG, tag) == {}


def test_nothing_that_a_gate_left_running_stays(folder: Path, mode: SandboxMode) -> None:
    """Not what holds its output, not what let go of it, not what forgot its name."""
    tag = fresh_tag()
    script = (
        "setsid sleep 1001 & (setsid sleep 1002 >/dev/null 2>&1 &) ; env -i sleep 1003 &"
        " while :; do echo x >> beat; sleep 0.05; done & echo done"
    )
    outcome = _run(folder, script, mode, tag=tag)
    assert (outcome.exit_code, outcome.tail) == (0, "done\n")
    assert tagged(TAG, tag) == {}
    assert until(lambda: not _sleeping(str(folder)))


def _sleeping(folder: str) -> list[int]:
    """Processes whose working folder is the checkout, whatever their environment says."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.readlink(f"/proc/{name}/cwd") == folder:
                    found.append(int(name))
            except OSError:
                continue
    return found


def test_sweep_spares_a_run_whose_tag_begins_alike(folder: Path, mode: SandboxMode) -> None:
    async def both() -> tuple[GateRun, GateRun]:
        gates = _gates()
        other = _job(folder, "touch up; while [ ! -e go ]; do sleep 0.01; done", mode, tag="t-10")
        slow = asyncio.create_task(gates.run(other))
        assert await asyncio.to_thread(until, (folder / "up").exists)
        quick = await gates.run(_job(folder, "sleep 1000 &", mode, tag="t-1"))
        (folder / "go").touch()
        return quick, await slow

    assert [outcome.exit_code for outcome in asyncio.run(both())] == [0, 0]


def test_cancellation_ends_the_whole_tree(folder: Path, mode: SandboxMode) -> None:
    tag = fresh_tag()

    async def cancel() -> None:
        job = _job(folder, "setsid sleep 1000 & touch up; sleep 1000", mode, tag=tag)
        task = asyncio.create_task(_gates().run(job))
        assert await asyncio.to_thread(until, (folder / "up").exists)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()  # an impatient caller must not leave a process behind either
        with pytest.raises(asyncio.CancelledError):
            await task
        assert tagged(TAG, tag) == {}

    asyncio.run(cancel())
    assert list((folder.parent / "temporary").iterdir()) == []


def test_cancellation_at_any_moment_leaves_nothing(folder: Path, mode: SandboxMode) -> None:
    tag = fresh_tag()

    async def cancel_after(turns: int) -> None:
        task = asyncio.create_task(_gates().run(_job(folder, "sleep 1000", mode, tag=tag)))
        for _ in range(turns):
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert tagged(TAG, tag) == {}

    for turns in range(0, 40, 3):
        asyncio.run(cancel_after(turns))
    assert list((folder.parent / "temporary").iterdir()) == []


def test_much_output_is_bounded_and_keeps_both_ends(folder: Path, mode: SandboxMode) -> None:
    script = "echo first; yes | head -c 30000000; echo last"
    outcome = asyncio.run(_gates(log_cap=1_000_000).run(_job(folder, script, mode)))
    assert (outcome.exit_code, len(outcome.tail)) == (0, 8192)
    assert outcome.tail.endswith("y\nlast\n")
    log = _log(folder)
    assert len(log) < 1_010_000
    assert log.startswith(b"first\ny\n")
    assert log.endswith(b"y\nlast\n")
    left_out = 6 + 30_000_000 + 5 - 1_000_000 - 8192
    assert f"\n[sps] {left_out} bytes of output are left out here\n".encode() in log


@pytest.mark.needs("bwrap")
def test_gates_have_no_network(folder: Path) -> None:
    server = tcp()
    port = server.getsockname()[1]
    with echo(server) as heard:
        call = f"exec 3<>/dev/tcp/127.0.0.1/{port} && echo REACHED"
        assert "REACHED" in _run(folder, call, SandboxMode.NONE).tail
        assert "REACHED" not in _run(folder, call, SandboxMode.AUTO).tail
    assert len(heard) <= 1


@pytest.mark.needs("bwrap")
def test_folders_named_by_the_job_are_readable_only(folder: Path) -> None:
    tools = folder.parent / "tools"
    tools.mkdir()
    (tools / "data").write_text("here", encoding="utf-8")
    script = f"cat {tools}/data; touch {tools}/x"
    outcome = _run(folder, script, SandboxMode.AUTO, readonly=(str(tools),))
    assert outcome.tail.startswith("here")
    assert not (tools / "x").exists()


def test_sandbox_that_does_not_work_is_infrastructure(folder: Path) -> None:
    sandbox = BwrapSandbox(program="no-such-bwrap")
    gates = CommandGates({SandboxMode.AUTO: sandbox})
    outcome = asyncio.run(gates.run(_job(folder, "exit 0", SandboxMode.AUTO)))
    assert outcome.exit_code is None
    assert outcome.infrastructure is not None
    assert "not installed" in outcome.infrastructure


class _Broken:
    """A sandbox whose program ends before it reaches the command."""

    name = "broken"

    def __init__(self, *argv: str) -> None:
        self.argv = argv

    def probe(self) -> Probe:
        return Probe(ok=True)

    def launch(self, box: Box) -> Launch:
        return Launch(argv=self.argv, env=box.env, cwd=box.cwd)


@pytest.mark.parametrize(
    "argv,said",
    [
        (("/no/such/program",), "cannot start /no/such/program"),
        (("sh", "-c", "echo mount failed; exit 1"), "mount failed"),
        (("sh", "-c", "exit 0"), "it ended with 0"),
    ],
)
def test_command_that_was_not_reached_is_infrastructure(
    folder: Path, argv: tuple[str, ...], said: str
) -> None:
    gates = CommandGates({SandboxMode.AUTO: _Broken(*argv)})
    outcome = asyncio.run(gates.run(_job(folder, "exit 0", SandboxMode.AUTO)))
    assert outcome.exit_code is None
    assert outcome.infrastructure is not None
    assert said in outcome.infrastructure


def test_missing_checkout_is_infrastructure(folder: Path, mode: SandboxMode) -> None:
    outcome = _run(folder / "gone", "exit 0", mode)
    assert outcome.exit_code is None
    assert outcome.infrastructure is not None


def test_log_is_not_written_through_a_link(folder: Path, mode: SandboxMode) -> None:
    target = folder / "target"
    logs = folder.parent / "logs"
    logs.mkdir()
    (logs / "gate.log").symlink_to(target)
    with pytest.raises(OSError):
        _run(folder, "echo x", mode)
    assert not target.exists()


def test_programs_of_the_job_come_before_the_systems(folder: Path, mode: SandboxMode) -> None:
    tool = folder.parent / "tool"
    for name in ("first", "second"):
        (tool / name).mkdir(parents=True)
        (tool / name / "ls").write_text(f"#!/bin/sh\necho {name}\n")
        (tool / name / "ls").chmod(0o755)
    path = (str(tool / "first"), str(tool / "second"))
    assert _run(folder, "ls", mode, readonly=(str(tool),), path=path).tail == "first\n"
    own = {"PATH": f"{tool}/second:/usr/bin:/bin"}
    assert _run(folder, "ls", mode, readonly=(str(tool),), env=own).tail == "second\n"


@pytest.mark.needs("bwrap")
def test_hidden_file_of_a_shown_folder_cannot_be_read(folder: Path) -> None:
    tool = folder.parent / "tool"
    tool.mkdir()
    (tool / "credentials").write_text("canary\n")
    (tool / "program").write_text("shown\n")
    more = {"readonly": (str(tool),), "hidden": (f"{tool}/credentials", f"{tool}/gone")}
    look = f"cat {tool}/program {tool}/credentials; echo x > {tool}/credentials; true"
    outcome = _run(folder, look, SandboxMode.AUTO, **more)
    assert "shown" in outcome.tail
    assert "canary" not in outcome.tail
    assert (tool / "credentials").read_text() == "canary\n"
