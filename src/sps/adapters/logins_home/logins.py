"""The logins of a home."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sps.adapters.logins_home import content
from sps.adapters.logins_home.folder import LoginFolder, read_file
from sps.adapters.logins_home.loan import Loan
from sps.lib import process
from sps.lib.lock import FileLock
from sps.lib.threads import in_thread
from sps.lib.uninterrupted import uninterrupted
from sps.model.errors import Absent, Held, WorkFailed
from sps.ports.agent import AgentKind
from sps.ports.clock import Clock
from sps.ports.logins import Lent, LoginBy, LoginState

_LOOK = 1.0  # seconds between two looks at what an agent renewed
_MARGIN = 600.0  # seconds before its end in which an agent may renew a login
_WAIT = 300.0  # seconds for a login that another session has for itself


class HomeLogins:
    """A folder per agent kind below `root`. The owner's environment goes before what is kept."""

    def __init__(self, root: Path, clock: Clock, environment: Mapping[str, str]) -> None:
        self._root = root
        self._clock = clock
        self._environment = environment

    def folder(self, kind: AgentKind) -> Path:
        """As the port says."""
        return self._made(kind).root

    def state(self, kind: AgentKind) -> LoginState:
        """As the port says. Changes nothing."""
        if not kind.keys and not kind.login_files:
            return LoginState(by=LoginBy.NOTHING_NEEDED)
        given = {**self._environment, **kind.env}
        if variables := tuple(name for name in kind.keys if given.get(name)):
            return LoginState(by=LoginBy.VARIABLE, names=variables)
        folder = LoginFolder(self._root, kind)
        if keys := tuple(name for name in folder.variables() if name in kind.keys):
            return LoginState(by=LoginBy.KEY, names=keys)
        kept = {name: found[0] for name in kind.login_files if (found := folder.read(name))}
        whole = tuple(name for name, text in kept.items() if content.is_whole(name, text))
        if whole:
            until = max(content.expiry(kept[name], kind.login_expiry) for name in whole)
            return LoginState(by=LoginBy.FILE, names=whole, expires_at=until)
        return LoginState(by=LoginBy.MISSING)

    def found(self, kind: AgentKind) -> list[str]:
        """As the port says."""
        home = Path(self._environment.get("HOME", ""))
        if not home.is_absolute():
            return []
        names = [name for name in kind.login_files if read_file(home, name)]
        return [str(home / name) for name in names]

    def bring(self, kind: AgentKind) -> list[str]:
        """As the port says."""
        home = Path(self._environment.get("HOME", ""))
        found = (
            {name: read_file(home, name) for name in kind.login_files} if self.found(kind) else {}
        )
        whole = {
            name: one[0] for name, one in found.items() if one and content.is_whole(name, one[0])
        }
        if not whole:
            raise WorkFailed(
                "no-login-found",
                f"there is no login of {kind.name} in {home}: {', '.join(kind.login_files)}",
                hint=f"sps agent login {kind.name}",
            )
        folder = self._made(kind)
        with folder.writing():
            for name, text in whole.items():
                folder.write(name, text)
        return list(whole)

    def keep_key(self, kind: AgentKind, name: str, value: str) -> None:
        """As the port says."""
        folder = self._made(kind)
        with folder.writing():
            folder.write_variables({**folder.variables(), name: value})

    def kept(self, kind: AgentKind) -> list[str]:
        """As the port says."""
        return LoginFolder(self._root, kind).kept()

    def forget(self, kind: AgentKind) -> list[str]:
        """As the port says."""
        folder = LoginFolder(self._root, kind)
        if not folder.exists:
            return []
        folder.make()
        with folder.writing():
            return folder.forget()

    def vendor(self, kind: AgentKind) -> int:
        """As the port says. The vendor's program runs outside of any sandbox, as if its owner had
        typed it, with nothing but another HOME."""
        program = shutil.which(kind.login[0]) if kind.login else None
        if program is None:
            name = kind.login[0] if kind.login else kind.name
            says = f"{name}, which does the login, was not found on PATH"
            if kind.keys:
                says += f"; a key does as well: sps agent login {kind.name} --key < key.txt"
            raise Absent("agent-missing", says, hint=kind.login_install or kind.install)
        home = str(self.folder(kind))
        own = {name: value.replace("{home}", home) for name, value in kind.env.items()}
        env = {**self._environment, **own, "HOME": home}
        return process.attend((program, *kind.login[1:]), env=env)

    @asynccontextmanager
    async def lend(
        self, kind: AgentKind, home: Path, *, run_id: str, seconds: float
    ) -> AsyncIterator[Lent]:
        """As the port says."""
        if not kind.keys and not kind.login_files:
            yield Lent(env={}, secrets=frozenset)
            return
        folder = await in_thread(self._made, kind)
        env = self._variables(kind, folder)
        hidden = frozenset(filter(content.is_secret, env.values()))
        turn = await self._turn(kind, folder, seconds)
        loan: Loan | None = None
        look: asyncio.Task[None] | None = None
        try:
            await in_thread(_reclaim, folder)
            loan = lent = await in_thread(Loan.begin, folder, kind, home, run_id)
            look = asyncio.create_task(_follow(lent), name="login")
            yield Lent(env=env, secrets=lambda: hidden | lent.secrets())
        finally:
            try:
                if look is not None:
                    look.cancel()
                    await asyncio.gather(look, return_exceptions=True)
                if loan is not None:
                    await uninterrupted(in_thread(loan.end))
            finally:
                turn.release()

    def reclaim(self) -> None:
        """As the port says."""
        if not self._root.is_dir():
            return
        for entry in sorted(self._root.iterdir()):
            if (entry / ".sps" / "lent").is_dir():
                _reclaim(LoginFolder(self._root, AgentKind(name=entry.name)))

    def secrets(self, kind: AgentKind) -> frozenset[str]:
        """As the port says."""
        folder = LoginFolder(self._root, kind)
        values = {*self._variables(kind, folder).values(), *folder.variables().values()}
        texts = [found[0] for name in kind.login_files if (found := folder.read(name))]
        if folder.exists:  # what was renewed meanwhile may still be good
            texts += [one.read_bytes() for one in folder.lent.glob("*/[0-9]*")]
        return frozenset(filter(content.is_secret, values)).union(*map(content.secrets, texts))

    def _made(self, kind: AgentKind) -> LoginFolder:
        folder = LoginFolder(self._root, kind)
        folder.make()
        return folder

    def _variables(self, kind: AgentKind, folder: LoginFolder) -> dict[str, str]:
        kept = folder.variables()
        values = {name: self._environment.get(name) or kept.get(name) for name in kind.keys}
        return {name: value for name, value in values.items() if value}

    async def _turn(self, kind: AgentKind, folder: LoginFolder, seconds: float) -> FileLock:
        """Return the lock on a login that one session has for itself, or one that is not held,
        where none is needed. Raises `Held("login-busy")`."""
        lock = FileLock(folder.turn)
        end = self._clock.steady() + _WAIT
        while not kind.login_shared and await in_thread(self._is_due, kind, seconds):
            if await in_thread(lock.take, str(os.getpid())):
                break
            if self._clock.steady() > end:
                raise Held(
                    "login-busy",
                    f"another session of {kind.name} has its login, which cannot be shared now",
                    hint=f"sps agent login {kind.name}",
                )
            await self._clock.sleep(_LOOK)
        return lock

    def _is_due(self, kind: AgentKind, seconds: float) -> bool:
        """Say whether a session of this length may have to renew its login."""
        state = self.state(kind)
        if state.by is not LoginBy.FILE:
            return False
        return state.expires_at < self._clock.now() + int((seconds + _MARGIN) * 1000)


def _reclaim(folder: LoginFolder) -> None:
    for place in sorted(folder.lent.iterdir()):
        loan = Loan.stale(folder, place)
        if loan is not None:
            loan.end()


async def _follow(loan: Loan) -> None:
    """Keep what the agent renews soon after: a crash of this process must not lose it."""
    while True:
        await asyncio.sleep(_LOOK)
        with contextlib.suppress(OSError):  # TimeoutError is one; the next look may do better
            await in_thread(loan.sync)
