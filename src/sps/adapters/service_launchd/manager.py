"""`ServiceManager` over `launchctl`, in the domain of the user's graphical session."""

from __future__ import annotations

import os
import plistlib
import shutil
from collections.abc import Mapping
from pathlib import Path

from sps.adapters.service_launchd.plist import OURS, label, plist
from sps.lib import atomic, process
from sps.lib.process import Finished
from sps.model.errors import Absent, Misuse, WorkFailed
from sps.ports.service import ServiceSpec, ServiceState

_TIMEOUT_S = 90.0


class LaunchdManager:
    """Agents in `~/Library/LaunchAgents` of the user who runs this process."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._env = dict(environment)
        self._folder = Path(self._env.get("HOME", os.sep)) / "Library" / "LaunchAgents"
        self._domain = f"gui/{os.getuid()}"

    def install(self, spec: ServiceSpec) -> ServiceState:
        self._reach()
        path = self._file(spec.name)
        self._refuse_foreign(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        Path(spec.home, "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
        self._run("bootout", self._target(spec.name))  # an older one; none is no failure
        atomic.write(path, plist(spec), mode=0o600)
        self._must("bootstrap", self._domain, str(path))
        return self.state(spec.name)

    def state(self, name: str) -> ServiceState:
        self._reach()
        found = self._run("print", self._target(name))
        lines = [line.strip() for line in found.out.decode(errors="replace").splitlines()]
        says = next((line[8:] for line in lines if line.startswith("state = ")), "not loaded")
        return ServiceState(
            manager="launchd",
            file=str(self._file(name)),
            installed=self._file(name).is_file(),
            running=found.code == 0 and says == "running",
            says=says,
        )

    def stop(self, name: str) -> ServiceState:
        self._reach()
        self._refuse_missing(name)
        self._must("bootout", self._target(name))
        return self.state(name)

    def remove(self, name: str) -> ServiceState:
        self._reach()
        self._refuse_missing(name)
        path = self._file(name)
        self._refuse_foreign(path)
        self._run("bootout", self._target(name))  # one that is not loaded is no failure
        path.unlink(missing_ok=True)
        return self.state(name)

    def _file(self, name: str) -> Path:
        return self._folder / f"{label(name)}.plist"

    def _target(self, name: str) -> str:
        return f"{self._domain}/{label(name)}"

    def _reach(self) -> None:
        if shutil.which("launchctl", path=self._env.get("PATH")) is None:
            raise Absent(
                "no-service-manager", "launchctl is not on PATH, so nothing can be started with "
                "your session", hint="sps up --detach",
            )  # fmt: skip

    def _refuse_foreign(self, path: Path) -> None:
        if not path.exists() and not path.is_symlink():
            return
        try:
            ours = not path.is_symlink() and OURS in plistlib.loads(path.read_bytes())
        except (plistlib.InvalidFileException, ValueError, OSError):
            ours = False
        if not ours:
            raise Misuse(
                "file-exists", f"{path} is there already, and sps did not write it",
                hint=f"mv {path} {path}.kept", where=str(path),
            )  # fmt: skip

    def _refuse_missing(self, name: str) -> None:
        if not self._file(name).exists():
            raise Misuse("no-service", "there is no service for this home", hint="sps up --service")

    def _must(self, *words: str) -> None:
        found = self._run(*words)
        if found.code != 0:
            said = " ".join((found.err or found.out).decode(errors="replace").split())[:500]
            raise WorkFailed(
                "service-failed", f"launchctl {' '.join(words)} failed: {said or found.code}",
                hint="sps up --detach",
            )  # fmt: skip

    def _run(self, *words: str) -> Finished:
        program = shutil.which("launchctl", path=self._env.get("PATH")) or "launchctl"
        return process.run([program, *words], env=self._env, timeout=_TIMEOUT_S, cwd=os.sep)
