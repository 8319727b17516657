"""Running gate commands in a sandbox and leaving nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping

from sps.adapters.gate_command.log import GateLog
from sps.adapters.gate_command.pump import Pump
from sps.lib.open_folder import remove
from sps.lib.process import clear, spawn
from sps.lib.runtime import SYSTEM_PATH
from sps.lib.threads import in_thread
from sps.lib.uninterrupted import uninterrupted
from sps.model.errors import SpsError
from sps.model.pipeline import SandboxMode
from sps.ports.gate import GateJob, GateRun
from sps.ports.sandbox import Box, Launch, Sandbox

TAG = "SPS_RUN"  #: the variable that marks every process of a run

_LOG_CAP = 64 * 1024 * 1024
_SHELLS = ("/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash")
_DRAIN = 5.0


class CommandGates:
    """Runs each command in the sandbox that its project asks for, without network but for relays.

    The checkout is writable. The environment is the job's over a small fixed one; HOME is an empty
    folder of its own, made for the run and removed after it. `readonly` folders are shown to every
    command, as a place where tools are installed.
    """

    def __init__(
        self,
        sandboxes: Mapping[SandboxMode, Sandbox],
        *,
        readonly: tuple[str, ...] = (),
        log_cap: int = _LOG_CAP,
    ) -> None:
        self._sandboxes = dict(sandboxes)
        self._readonly = readonly
        self._log_cap = log_cap

    async def run(self, job: GateJob) -> GateRun:
        """Run `bash -c <run>` (sh where bash is missing). Cancellation kills the tree."""
        sandbox = self._sandboxes[job.sandbox]
        probe = await in_thread(sandbox.probe)
        if not probe.ok:
            said = f"{probe.cause}; run: {probe.command}" if probe.command else probe.cause
            return _not_started(f"the sandbox does not work: {said}")
        mark = secrets.token_hex(16)
        with _private_home() as home:
            try:
                launch = sandbox.launch(self._box(job, home=home, mark=mark))
            except SpsError as err:
                place = f" ({err.where})" if err.where else ""
                return _not_started(f"{err.message}{place}")
            with GateLog(job.log, cap=self._log_cap, mark=mark.encode()) as log:
                return await _execute(job, launch, log)

    def _box(self, job: GateJob, *, home: str, mark: str) -> Box:
        shell = next((path for path in _SHELLS if os.access(path, os.X_OK)), None)
        words = [shell, "--noprofile", "--norc", "-c"] if shell else ["/bin/sh", "-c"]
        # The mark comes out before the command's first byte: without it nothing was judged.
        reached = 'printf %s "$0"; exec "$@"'
        fixed = {"LANG": "C.UTF-8"}
        path = ":".join((*job.path, job.env.get("PATH") or SYSTEM_PATH))
        forced = {"HOME": home, "PATH": path, "TMPDIR": "/tmp", TAG: job.tag}  # noqa: S108 - the box's own
        return Box(
            argv=("/bin/sh", "-c", reached, mark, *words, job.run),
            cwd=job.checkout,
            env={**fixed, **job.env, **forced},
            writable=(job.checkout,),
            readonly=(*self._readonly, *job.readonly),
            hidden=job.hidden,
            relays=job.relays,
            home=home,
        )


async def _execute(job: GateJob, launch: Launch, log: GateLog) -> GateRun:
    began = time.monotonic()
    pump = Pump(log.write)
    try:
        code = await _wait(job, launch, pump)
    except OSError as err:
        return _not_started(f"cannot start {launch.argv[0]}: {err.strerror or err}")
    finally:
        await uninterrupted(pump.close(timeout=_DRAIN))
    seconds = time.monotonic() - began
    if code is None:
        return GateRun(exit_code=None, timed_out=True, seconds=seconds, tail=log.tail)
    if not log.started:
        said = log.tail.strip() or f"it ended with {code}"
        return _not_started(f"the command was not reached: {said}", seconds=seconds)
    return GateRun(exit_code=code, timed_out=False, seconds=seconds, tail=log.tail)


async def _wait(job: GateJob, launch: Launch, pump: Pump) -> int | None:
    """Start the command and return its exit code, None when its time was over. However this ends,
    no process of the command is left."""
    child: asyncio.subprocess.Process | None = None
    try:
        child = await spawn(
            launch.argv, env=launch.env, cwd=launch.cwd, stdout=pump.writer, stderr=pump.writer
        )
        pump.close_writer()
        async with asyncio.timeout(job.timeout):
            return await child.wait()
    except TimeoutError:
        return None
    finally:
        await uninterrupted(clear(child, TAG, job.tag))


def _not_started(why: str, *, seconds: float = 0.0) -> GateRun:
    return GateRun(exit_code=None, timed_out=False, seconds=seconds, tail="", infrastructure=why)


@contextlib.contextmanager
def _private_home() -> Iterator[str]:
    home = tempfile.mkdtemp(prefix="sps-gate-")
    try:
        yield home
    finally:
        remove(home)
