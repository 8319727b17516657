"""The skills that cards can name: the owner's own first, then the store's, then the bundled."""

from __future__ import annotations

from pathlib import Path

import msgspec

from sps.model.errors import Misuse
from sps.ports.skill_store import BUNDLED, Installed, SkillStore
from sps.ports.skills import Skill, Skills
from sps.services.skills.candidates import living, one_content, usable


class KnownSkills:
    """Implements `Skills` over three places. Of the store only what its owner trusted and enabled
    counts; a bundled skill that he disabled is not there."""

    def __init__(
        self, own: Skills, store: SkillStore, stored: Skills, bundled: Skills, *, home: Path
    ) -> None:
        """`stored` finds a skill in the store by its digest; `home` is the folder of `own`."""
        self._home = home
        self._own = own
        self._store = store
        self._stored = stored
        self._bundled = bundled

    def find(self, name: str) -> Skill | None:
        """Return a skill as it is now. Raises `Misuse`: ambiguous-skill when two of the store have
        this name, broken-skill, skill-too-large."""
        if (own := self._own.find(name)) is not None:
            return msgspec.structs.replace(own, source="own", commands=self._commands(own.digest))
        if (record := self._record(name)) is not None:
            return self._of_store(record)
        if name in self._off():
            return None
        found = self._bundled.find(name)
        if found is None:
            return None
        return msgspec.structs.replace(found, source=BUNDLED, commands=self._commands(found.digest))

    def names(self) -> list[str]:
        """Return the names that `find` knows, sorted."""
        stored = {one.name for one in usable(living(self._store.installed(), self._home))}
        bundled = set(self._bundled.names()) - self._off()
        return sorted({*self._own.names(), *stored, *bundled})

    def _record(self, name: str) -> Installed | None:
        found = usable(living(self._store.named(name), self._home))
        return one_content(name, found, command=f"sps skill disable {name} --home")

    def _of_store(self, record: Installed) -> Skill:
        folder = self._store.folder(record.digest)
        found = None if folder is None else self._stored.find(record.digest)
        if folder is None or found is None:
            says = f"the skill {record.name} is no longer intact in the store"
            raise Misuse("broken-skill", says, hint=f"sps skill install {record.source}")
        return msgspec.structs.replace(
            found, name=record.name, digest=record.digest, source=record.source,
            commands=record.commands,
        )  # fmt: skip

    def _off(self) -> set[str]:
        return {
            one.name for one in self._store.installed() if one.source == BUNDLED and not one.enabled
        }

    def _commands(self, digest: str) -> bool:
        return any(one.commands for one in self._store.installed() if one.digest == digest)
