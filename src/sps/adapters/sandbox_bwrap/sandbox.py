"""Turning a box into a bubblewrap command line."""

from __future__ import annotations

import os
import shutil

import msgspec

from sps.adapters.sandbox_bwrap import cause
from sps.adapters.sandbox_bwrap.host import INSIDE, UID, system_options
from sps.adapters.sandbox_bwrap.mounts import hiding_options, home_of, mount_options
from sps.lib.process import run
from sps.lib.rlimit import first_to_go, limit_command
from sps.lib.runtime import interpreter, interpreter_prefix
from sps.model.errors import Absent
from sps.ports.sandbox import Box, Launch, Probe

_ISOLATION = (
    "--die-with-parent",
    "--new-session",
    "--unshare-user",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-net",
    "--unshare-cgroup-try",
    "--cap-drop",
    "ALL",
    "--hostname",
    "sps",
    "--uid",
    str(UID),
    "--gid",
    str(UID),
)
# In a namespace of its own making a command has every capability. Where its user is root outside,
# the kernel's control groups, which can be mounted there, would obey it.
_ROOT_ISOLATION = ("--disable-userns",)
_RELAY_PROGRAM = f"{INSIDE}/relay.py"
_PROBE_TIMEOUT = 20.0

# The loader and the C library obey these in bubblewrap itself, which still runs on the host.
_LOADER_NAMES = frozenset({"GCONV_PATH", "GLIBC_TUNABLES", "LOCPATH", "MALLOC_TRACE", "NLSPATH"})


class BwrapSandbox:
    """User, mount, process, network, ipc, host name and (if possible) cgroup namespaces of its own.

    The command runs as user 1000 without any capability, in a session of its own, whoever started
    it. It sees its environment, PWD and HOME. Signals sent to bubblewrap end the box at once; they
    are not passed on. A command that a signal ended gives 128 + its number. The box dies with the
    thread that started it. Started by root it is not held to the number of processes, and the
    command cannot make namespaces of its own, so that a sandbox within the sandbox fails.
    """

    name = "bwrap"

    def __init__(self, *, program: str = "bwrap", protected: tuple[str, ...] = ()) -> None:
        """`protected` folders, and those above them, are never shown as a whole."""
        self._program = program
        self._protected = protected
        self._answer: Probe | None = None

    def launch(self, box: Box) -> Launch:
        """Return the command line. Raises `Absent("no-bwrap")` when bubblewrap is not installed,
        `Misuse` or `WorkFailed` with "sandbox-path" for folders that may not be mounted."""
        program = shutil.which(self._program)
        if program is None:
            missing = cause.not_installed()
            raise Absent("no-bwrap", missing.cause, hint=missing.command)
        visible, command = box, box.argv
        options: list[str] = []
        if box.relays:
            visible, command, options = _with_relays(box)
        env = {**box.env, "HOME": home_of(box)}
        early = {name: value for name, value in env.items() if not _is_for_loader(name)}
        for name in env.keys() - early.keys():
            options += ["--setenv", name, env[name]]
        argv = (
            *(program, *_ISOLATION, *(() if os.geteuid() else _ROOT_ISOLATION)),
            *system_options(),
            *mount_options(visible, protected=self._protected),
            *hiding_options(visible),
            *(*options, "--remount-ro", "/", "--chdir", box.cwd, "--"),
            *(*first_to_go(), *_limits(box), *command),
        )
        return Launch(argv=argv, env=early, cwd="/")

    def probe(self) -> Probe:
        """Start `true` in a box and say why that failed, if it did. Asked once per process."""
        if self._answer is None:
            self._answer = self._try()
        return self._answer

    def _try(self) -> Probe:
        try:
            launch = self.launch(Box(argv=("true",), cwd="/", env={"PATH": "/usr/bin:/bin"}))
            ended = run(launch.argv, env=launch.env, cwd=launch.cwd, timeout=_PROBE_TIMEOUT)
        except (Absent, FileNotFoundError):
            return cause.not_installed()
        except OSError as err:
            return cause.refused(str(err))
        if ended.timed_out:
            return cause.refused("it did not answer in time")
        if ended.code != 0:
            return cause.refused(ended.err.decode(errors="replace"))
        return Probe(ok=True)


def _is_for_loader(name: str) -> bool:
    return name.startswith("LD_") or name in _LOADER_NAMES


def _limits(box: Box) -> tuple[str, ...]:
    limits = box.limits
    return limit_command(
        processes=limits.processes,
        open_files=limits.open_files,
        file_bytes=limits.file_bytes,
        memory_bytes=limits.memory_bytes,
    )


def _with_relays(box: Box) -> tuple[Box, tuple[str, ...], list[str]]:
    """Return the box with what its relays need to run, its command line and its mounts."""
    words = [interpreter(), "-I", "-S", _RELAY_PROGRAM]
    options: list[str] = []
    for relay in box.relays:
        inside = f"/run/relay-{relay.port}.sock"
        options += ["--ro-bind", os.path.realpath(relay.socket), inside]
        words += [inside, str(relay.port)]
    visible = msgspec.structs.replace(box, readonly=(*box.readonly, interpreter_prefix()))
    return visible, (*words, "--", *box.argv), options
