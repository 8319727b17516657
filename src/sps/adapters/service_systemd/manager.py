"""`ServiceManager` over `systemctl --user`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from sps.adapters.service_systemd.unit import MARK, unit
from sps.lib import atomic, process
from sps.lib.process import Finished
from sps.model.errors import Absent, Misuse, WorkFailed
from sps.ports.service import ServiceSpec, ServiceState

_TIMEOUT_S = 90.0  #: longer than a daemon takes to stop
_INSTEAD = "sps up --detach"


class SystemdManager:
    """Units of the user who runs this process, in `$XDG_CONFIG_HOME/systemd/user`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._env = dict(environment)
        config = self._env.get("XDG_CONFIG_HOME") or f"{self._env.get('HOME', '')}/.config"
        self._folder = Path(config) / "systemd" / "user"

    def install(self, spec: ServiceSpec) -> ServiceState:
        self._reach()
        path = self._file(spec.name)
        self._refuse_foreign(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(path, unit(spec).encode(), mode=0o600)
        self._must("daemon-reload")
        self._must("enable", path.name)
        self._must("restart", path.name)
        return self.state(spec.name)

    def state(self, name: str) -> ServiceState:
        self._reach()
        path = self._file(name)
        says = self._run("is-active", path.name).out.decode(errors="replace").strip()
        return ServiceState(
            manager="systemd (user)",
            file=str(path),
            installed=path.is_file(),
            running=says in ("active", "activating", "reloading"),
            says=says or "unknown",
        )

    def stop(self, name: str) -> ServiceState:
        self._reach()
        self._refuse_missing(name)
        self._must("stop", self._file(name).name)
        return self.state(name)

    def remove(self, name: str) -> ServiceState:
        self._reach()
        self._refuse_missing(name)
        path = self._file(name)
        self._refuse_foreign(path)
        self._must("disable", "--now", path.name)
        path.unlink(missing_ok=True)
        self._must("daemon-reload")
        return self.state(name)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.service"

    def _reach(self) -> None:
        """Make sure that there is a systemd to talk to. Raises `Absent("no-service-manager")`."""
        if shutil.which("systemctl", path=self._env.get("PATH")) is None:
            raise Absent(
                "no-service-manager",
                "this system has no systemd, so nothing here can start the daemon with your"
                " session. It works in the background all the same, until the next reboot",
                hint=_INSTEAD,
            )
        found = self._run("show-environment")
        if found.code != 0:
            raise Absent(
                "no-service-manager",
                "systemd does not answer for this user "
                f"({_words(found) or 'no session bus'}): that is so in containers, after su, and "
                "before the first login. For a user without a login session: loginctl "
                "enable-linger; until then the daemon works in the background",
                hint=_INSTEAD,
            )

    def _refuse_foreign(self, path: Path) -> None:
        if path.is_symlink() or (path.exists() and MARK not in _text(path)):
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
            said = _words(found) or f"exit {found.code}"
            raise WorkFailed(
                "service-failed", f"systemctl --user {' '.join(words)} failed: {said}",
                hint=f"journalctl --user -n 20 -u {words[-1]}",
            )  # fmt: skip

    def _run(self, *words: str) -> Finished:
        env = {**self._env, "LC_ALL": "C", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
        program = shutil.which("systemctl", path=self._env.get("PATH")) or "systemctl"
        return process.run(
            [program, "--user", "--no-pager", *words], env=env, timeout=_TIMEOUT_S, cwd=os.sep
        )


def _text(path: Path) -> str:
    return path.read_bytes()[:4096].decode(errors="replace")


def _words(found: Finished) -> str:
    return " ".join((found.err or found.out).decode(errors="replace").split())[:500]
