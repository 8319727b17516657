"""Running the commands of skills that their owner trusts: always in a sandbox."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from sps.adapters.checks_astgrep.child import MARK, Ended, finish, fresh_mark
from sps.adapters.checks_astgrep.wire import Due
from sps.lib.terminal import clean
from sps.lib.threads import in_thread
from sps.model.errors import SpsError
from sps.model.pipeline import SandboxMode
from sps.ports.sandbox import Box, Sandbox

_CAP = 64 * 1024
_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
_SHELLS = ("/bin/bash", "/usr/bin/bash", "/bin/sh")
_NOT_RUN = (126, 127)
_SIGNALLED = 128
_SAID = 200


class NotJudged(Exception):
    """A command could not say anything about a change."""


class Commands:
    """Runs commands with the tree read-only, an empty home and no network."""

    def __init__(
        self, sandboxes: Mapping[SandboxMode, Sandbox], *, readonly: tuple[str, ...], tag: str
    ) -> None:
        self._sandboxes = sandboxes
        self._readonly = readonly
        self._tag = tag

    async def run(self, due: Due, mode: SandboxMode | None, *, timeout: float) -> str | None:
        """Return what the command complains about, None when it is content. Without a mode, as in
        the owner's own call, the command of somebody else is boxed all the same. Raises
        `NotJudged`."""
        sandbox = self._sandboxes[mode or SandboxMode.AUTO]
        probe = await in_thread(sandbox.probe)
        if not probe.ok:
            raise NotJudged(f"the sandbox does not work: {probe.cause}")
        try:
            launch = sandbox.launch(self._box(due))
            ended = await finish(
                launch, stdin=b"", timeout=timeout, out_cap=_CAP, err_cap=_CAP
            )  # fmt: skip
        except SpsError as err:
            raise NotJudged(err.message) from err
        except OSError as err:
            raise NotJudged(f"it cannot start: {err.strerror or err}") from err
        return _verdict(ended, timeout)

    def _box(self, due: Due) -> Box:
        shell = next((path for path in _SHELLS if os.access(path, os.X_OK)), "sh")
        env = {"LANG": "C.UTF-8", "PATH": _PATH, "SPS_RUN": self._tag, MARK: fresh_mark()}
        return Box(
            argv=(shell, "-c", due.run),
            cwd=due.root,
            env=env,
            readonly=(due.root, *self._readonly),
        )


def _verdict(ended: Ended, timeout: float) -> str | None:
    if ended.code is None:
        raise NotJudged(f"its command did not end within {timeout:g} s")
    if ended.code == 0:
        return None
    said = clean((ended.out + b"\n" + ended.err).decode(errors="replace"))
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if ended.code in _NOT_RUN or ended.code < 0 or ended.code > _SIGNALLED:
        last = f": {lines[-1][:_SAID]}" if lines else ""
        raise NotJudged(f"its command ended with {ended.code}{last}")
    return "\n".join(lines) or f"ended with {ended.code}"


def place_in(said: str, paths: Mapping[str, object]) -> tuple[str, int, str] | None:
    """Return the first place of the change that a complaint names, as path:line, and that line."""
    for line in said.splitlines():
        for found in re.finditer(r"(?:\./)?([^\s:\"'()]+):(\d{1,7})\b", line):
            if found[1] in paths:
                return found[1], int(found[2]), line
    return None
