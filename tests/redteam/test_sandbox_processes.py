"""Attacks on the host's processes from inside a box. Each one works without the box."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.adapters.sandbox_bwrap import BwrapSandbox
from sps.ports.sandbox import Launch
from tests.contract.boxes import (
    ENV,
    PATIENCE,
    TAG,
    box,
    boxed,
    carriers,
    fresh_tag,
    python,
    unboxed,
    until,
)

pytestmark = pytest.mark.needs("bwrap")

_CANARY = "canary-in-an-environment"

# Lets whoever may ask trace it, as a host without the Yama restriction does.
_VICTIM = """
import ctypes, time
ctypes.CDLL(None).prctl(0x59616d61, ctypes.c_ulong(-1), 0, 0, 0)
print("up", flush=True)
time.sleep(1000)
"""


@pytest.fixture
def victim() -> Iterator[int]:
    """A process of the owner with a secret in its environment."""
    with subprocess.Popen(
        python(_VICTIM), env={**ENV, "SECRET": _CANARY}, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"up\n"
        yield child.pid
        child.kill()


def test_a22_processes_of_the_host_are_invisible(tmp_path: Path, victim: int) -> None:
    look = ("sh", "-c", "ls /proc")
    assert str(victim) in unboxed(tmp_path, look).split()
    inside = [int(name) for name in boxed(tmp_path, look).split() if name.isdigit()]
    assert 0 < len(inside) < 10


def test_a22_no_environment_shows_a_secret_of_the_host(
    tmp_path: Path, victim: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert victim
    monkeypatch.setenv("OWN_SECRET", _CANARY)
    look = ("sh", "-c", "cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; env")
    assert _CANARY in unboxed(tmp_path, look)
    assert _CANARY not in boxed(tmp_path, look)


def test_a22_process_of_the_host_cannot_be_traced_or_signalled(tmp_path: Path, victim: int) -> None:
    code = (
        "import ctypes, os, signal, sys\n"
        "pid = int(sys.argv[1]); c = ctypes.CDLL(None)\n"
        "c.ptrace.argtypes = [ctypes.c_long] * 4\n"
        "print('TRACED' if c.ptrace(16, pid, 0, 0) == 0 else 'no')\n"
        "try: os.kill(pid, 0); print('SIGNALLED')\n"
        "except OSError: print('no')\n"
    )
    attack = python(code, str(victim))
    assert unboxed(tmp_path, attack).split() == ["TRACED", "SIGNALLED"]
    assert boxed(tmp_path, attack).split() == ["no", "no"]


def test_a22_kernel_settings_cannot_be_opened_for_writing(tmp_path: Path) -> None:
    """To write them is to own the host: core_pattern names a program that root runs."""
    code = (
        "import os\n"
        "for place, _, names in os.walk('/proc/sys'):\n"
        "    for path in [place + '/' + name for name in names] + ['/proc/sysrq-trigger']:\n"
        "        try: os.close(os.open(path, os.O_WRONLY)); print('OPEN', path)\n"
        "        except OSError: pass\n"
    )
    if os.geteuid() == 0:
        assert "OPEN /proc/sys/kernel/core_pattern" in unboxed(tmp_path, python(code))
    assert boxed(tmp_path, python(code)) == ""
    for nested in (("-rm",), ("-rmpf", "--mount-proc"), ("-rmn",)):
        for uncover in ("true", "umount -l /proc/sys", "mount -o remount,rw,bind /proc/sys"):
            script = f'{uncover} 2>/dev/null; exec "$@"'
            attack = ("unshare", *nested, "sh", "-c", script, "sh", *python(code))
            opened = [line for line in boxed(tmp_path, attack).splitlines() if "OPEN" in line]
            assert [line for line in opened if "/proc/sys/net/" not in line] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root owns the control groups")
def test_a36_control_groups_cannot_be_mounted(tmp_path: Path) -> None:
    mount = "mount -t cgroup -o pids g /tmp || mount -t cgroup2 g /tmp; echo /tmp/cgroup*"
    attack = ("unshare", "-rmC", "sh", "-c", mount)
    assert "/tmp/cgroup.procs" in unboxed(tmp_path, attack)
    assert "/tmp/cgroup.procs" not in boxed(tmp_path, attack)


def test_a22_setuid_programs_gain_nothing(tmp_path: Path) -> None:
    look = ("sh", "-c", "grep NoNewPrivs /proc/self/status; grep ' / ' /proc/self/mounts; id -u")
    assert "NoNewPrivs:\t0" in unboxed(tmp_path, look)
    seen = boxed(tmp_path, look)
    assert "NoNewPrivs:\t1" in seen
    assert seen.split()[-1] == "1000"
    if os.geteuid() != 0:
        return
    copy = tmp_path / "id"
    copy.write_bytes(Path("/usr/bin/id").read_bytes())
    copy.chmod(0o4755)
    tmp_path.chmod(0o755)
    assert "euid" not in boxed(tmp_path, (str(copy),))


def test_a36_death_of_the_parent_ends_everything_inside(tmp_path: Path) -> None:
    """The control shows that without the box the children live on."""
    scatter = ("sh", "-c", "(setsid sleep 1000 &) ; setsid setsid sleep 1000 & echo up; sleep 1000")
    starter = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    tag = fresh_tag()
    env = {**ENV, TAG: tag}
    for launch, left in (
        (Launch(argv=scatter, env=env, cwd="/"), True),
        (BwrapSandbox().launch(box(tmp_path, scatter, env=env)), False),
    ):
        with subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", starter, *launch.argv],
            env=launch.env,
            stdout=subprocess.PIPE,
            start_new_session=True,
        ) as parent:
            assert parent.stdout is not None
            assert parent.stdout.readline() == b"up\n"
            assert until(lambda: len(carriers(tag)) >= 4)
            parent.kill()
            parent.wait()
        if left:
            assert carriers(tag)
            _kill(tag)
        else:
            assert until(lambda: not carriers(tag))


def _kill(tag: str) -> None:
    """End them all, also those that are only now being started."""

    def none_left() -> bool:
        left = carriers(tag)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not left

    assert until(none_left)


_UNDER_A_TERMINAL = """
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
out = b""
try:
    while piece := os.read(terminal, 65536): out += piece
except OSError: pass
os.waitpid(pid, 0)
sys.stdout.buffer.write(out)
"""


def test_a22_terminal_of_the_owner_cannot_be_typed_into(tmp_path: Path) -> None:
    code = (
        "import fcntl, os, termios\n"
        "try: os.open('/dev/tty', os.O_RDWR); print('TERMINAL')\n"
        "except OSError: print('no')\n"
        "try: fcntl.ioctl(0, termios.TIOCSTI, b'x'); print('TYPED')\n"
        "except OSError: print('no')\n"
    )
    launch = BwrapSandbox().launch(box(tmp_path, python(code)))
    outcomes = []
    for argv in (python(code), launch.argv):
        ended = subprocess.run(
            [sys.executable, "-I", "-c", _UNDER_A_TERMINAL, *argv],
            env=launch.env,
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        outcomes.append(ended.stdout.decode())
    assert "TERMINAL" in outcomes[0]  # the kernel itself may refuse the typing
    assert outcomes[1].split() == ["no", "no"]
