"""The same request twice: done once, answered alike. Keys hold for 24 hours.

Repetitions in this process wait for the first. What was answered is noted right after it was done;
between the two a crash leaves no note, so what a route does has to stand being done again: adding a
card carries its key to the service, the verbs of a card change nothing the second time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from sps.console.sending import Finished
from sps.console.visit import Visit
from sps.lib.threads import in_thread
from sps.model.errors import Misuse, SpsError

if TYPE_CHECKING:
    from sps.bootstrap import Wired

_LONGEST = 128
_PATIENCE_S = 30.0
_LARGEST = 64 * 1024
_TOLD_ONCE = "told-once"  # what was answered is not kept, only that it was
_SECRETS = (b'"secret"', b'"token"', b'"password"')
_log = logging.getLogger(__name__)


class _Going:
    def __init__(self, digest: str) -> None:
        self.digest = digest
        self.over = asyncio.Event()


class Repeats:
    """Knows what was answered under each key of each visitor."""

    def __init__(self, world: Wired) -> None:
        self._world = world
        self._going: dict[str, _Going] = {}

    async def once(
        self, visit: Visit, verb: str, key: str, work: Callable[[], Awaitable[Finished]]
    ) -> Finished:
        """Do the work, or answer as it was answered before. Only what was done is kept: a refusal
        changed nothing, and is asked for anew.

        Raises `Misuse` with bad-key, idempotency-conflict, already-done or still-going.
        """
        if not key.isascii() or not key.isprintable() or len(key) > _LONGEST:
            raise Misuse("bad-key", f"a key has 1 to {_LONGEST} printable ASCII characters")
        name, digest = f"console/{visit.who.id}/{key}", _digest(visit, verb)
        await self._turn(name, digest)
        going = self._going[name] = _Going(digest)
        try:
            known = await in_thread(self._known, name, digest)
            if known is not None:
                return known
            made = await work()
            if made.status < 400:
                await self._note(name, digest, made)
            return made
        finally:
            del self._going[name]
            going.over.set()

    async def _turn(self, name: str, digest: str) -> None:
        """Wait until nobody else works under this key."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while (other := self._going.get(name)) is not None:
                    if other.digest != digest:
                        raise _conflict()
                    await other.over.wait()
        except TimeoutError as err:
            raise Misuse("still-going", "the first request with this key is not done yet") from err

    def _known(self, name: str, digest: str) -> Finished | None:
        now = self._world.clock.now()
        found = self._world.store.read(lambda tx: tx.recall(name, now))
        if found is None:
            return None
        if found[0] != digest:
            raise _conflict()
        if found[1] == _TOLD_ONCE:
            raise Misuse("already-done", "this was done already; its answer is told only once")
        kept = msgspec.json.decode(found[1], type=Finished)
        more = {**kept.headers, "idempotency-replayed": "true"}
        return msgspec.structs.replace(kept, headers=more)

    async def _note(self, name: str, digest: str, made: Finished) -> None:
        secret = made.once or any(word in made.body for word in _SECRETS)
        keeps = not secret and len(made.body) <= _LARGEST
        text = msgspec.json.encode(made).decode() if keeps else _TOLD_ONCE
        now = self._world.clock.now()
        try:
            await in_thread(
                self._world.store.write, lambda tx: tx.remember(name, digest, text, now)
            )
        except SpsError as error:  # it is done: the answer must not say that it is not
            _log.warning("answer not kept for repetitions", extra={"code": error.code})


def _digest(visit: Visit, verb: str) -> str:
    body = msgspec.json.encode(visit.body)
    return sha256(b"\0".join((verb.encode(), visit.url.encode(), body))).hexdigest()


def _conflict() -> Misuse:
    return Misuse(
        "idempotency-conflict", "this key was used for another request within the last 24 hours",
        hint="repeat the first request unchanged, or use a new key",
    )  # fmt: skip
