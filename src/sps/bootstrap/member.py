"""Wiring of a process that works, from a folder of its own, for a home elsewhere."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sps.bootstrap.world import DATABASE, Wired
from sps.model.errors import Absent, Misuse
from sps.ports.home import Home

if TYPE_CHECKING:
    from sps.ports.store import Store
    from sps.ports.vault import Vault


def open_member(root: Path, *, vaults: str = "") -> Member:
    """Wire a worker. `vaults` says where the home's vaults lie, when what the home says about that
    is not right from here. Raises `Misuse` with `no-database` or `bad-vaults`."""
    from sps.adapters.git_vault.member import checked_place

    url = os.environ.get(DATABASE)
    if not url:
        raise Misuse(
            "no-database",
            f"workers share a home in PostgreSQL, and {DATABASE} names none",
            hint=f"{DATABASE}=postgresql://USER@HOST/DATABASE sps worker run",
        )
    place = checked_place(vaults) if vaults else ""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    root.chmod(0o700)
    return Member(Home(root), url=url, vaults=place)


class Member(Wired):
    """A `World` without card files and without landings: those are the home's."""

    joined = True

    def __init__(self, home: Home, *, url: str, vaults: str) -> None:
        super().__init__(home, create=False, url=url)
        self._vaults = vaults

    @cached_property
    def store(self) -> Store:
        """Open the home's database, whose tables the home has made."""
        from sps.adapters import store_postgres

        return store_postgres.open_store(self._url, create=False)

    @cached_property
    def vault(self) -> Vault:
        from sps.adapters.git_vault.member import MemberVault

        return MemberVault(self.home, self._place, reins=self.reins)

    def _place(self) -> str:
        """Where the vaults of the home lie, seen from here."""
        from sps.adapters.git_vault.member import checked_place

        if self._vaults:
            return self._vaults
        for one in self.store.read(lambda tx: tx.workers()):
            if one.role == "home" and one.vaults:
                return checked_place(one.vaults)
        raise Absent(
            "no-vaults",
            "the home has not said yet where its vaults lie",
            hint="start the home once (sps up), or name them: sps worker run --vaults PLACE",
        )
