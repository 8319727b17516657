"""Coming in: launch words, sessions and personal tokens. Every change is told to the audit log."""

from __future__ import annotations

import hashlib
import logging
import secrets
from typing import TYPE_CHECKING

import msgspec

from sps.lib.times import rfc3339
from sps.model.access import Grant, GrantKind, Role
from sps.model.errors import Misuse
from sps.services import lookup

if TYPE_CHECKING:
    from sps.ports.world import World

_audit = logging.getLogger("sps.audit")
LAUNCH_MS = 10 * 60 * 1000
SESSION_MS = 7 * 24 * 3600 * 1000
IDLE_MS = 12 * 3600 * 1000  #: a session that nobody used for so long is over
_NAME_LIMIT = 80


class GrantView(msgspec.Struct, frozen=True, kw_only=True):
    """A grant without its proof."""

    id: str
    kind: str
    role: str
    name: str
    created_at: str
    used_at: str | None
    expires_at: str | None
    card: str = ""


def grant(
    world: World, kind: GrantKind, role: Role, name: str, *, card: str = ""
) -> tuple[str, Grant]:
    """Make a grant and return its secret, which is told only now. `card`: the one card that an
    agent's grant is for, as project#number. Raises `Misuse` with bad-name, bad-card,
    unknown-project or unknown-card."""
    _judge_card(world, role, card)
    if not name.strip() or len(name) > _NAME_LIMIT or not name.isprintable():
        raise Misuse("bad-name", f"a name has 1 to {_NAME_LIMIT} printable characters")
    secret, now = secrets.token_urlsafe(32), world.clock.now()
    lasts = {GrantKind.LAUNCH: LAUNCH_MS, GrantKind.SESSION: SESSION_MS, GrantKind.TOKEN: 0}[kind]
    made = Grant(
        id=world.ids.new(),
        kind=kind,
        role=role,
        name=name,
        proof=_proof(secret),
        created_at=now,
        expires_at=now + lasts if lasts else 0,
        card=card,
    )
    _forget_expired(world, now)
    world.access.add(made)
    _told("granted", made)
    return secret, made


def _judge_card(world: World, role: Role, card: str) -> None:
    if (role is Role.AGENT) != bool(card):
        says = "a grant for an agent names its one card, any other grant names none"
        raise Misuse("bad-card", says, hint="card: PROJECT#NUMBER")
    if not card:
        return
    project, _, seq = card.partition("#")
    if not (seq.isascii() and seq.isdigit() and len(seq) < 10 and seq == str(int(seq))):
        raise Misuse("bad-card", f"{card[:80]!r} is no card", hint="card: PROJECT#NUMBER")
    world.store.read(lambda tx: lookup.card(tx, project, int(seq)))


def known(world: World, secret: str, *kinds: GrantKind) -> Grant | None:
    """Return the living grant of a secret, if it is one of these kinds."""
    if not 20 <= len(secret) <= 200:
        return None
    found = world.access.find(_proof(secret))
    now = world.clock.now()
    if found is None or found.kind not in kinds or over(found, now):
        return None
    world.access.touch(found.id, now)
    return found


def living(world: World, it: Grant) -> bool:
    """Whether a grant that was known before still holds; asking counts as its use."""
    found, now = world.access.find(it.proof), world.clock.now()
    if found is None or over(found, now):
        return False
    world.access.touch(found.id, now)
    return True


def over(it: Grant, now: int) -> bool:
    """Whether a grant has expired, or is a session that nobody used for long."""
    if it.expires_at and it.expires_at <= now:
        return True
    seen = max(it.used_at, it.created_at)
    return it.kind is GrantKind.SESSION and now - seen > IDLE_MS


def exchange(world: World, launch: str, name: str) -> tuple[str, Grant]:
    """Turn a launch word into a session; it works once. Raises `Misuse("launch-refused")`."""
    found = known(world, launch, GrantKind.LAUNCH)
    if found is None or not world.access.drop(found.id):
        _audit.warning("launch refused")
        raise Misuse(
            "launch-refused", "this link was used already, has expired or is none of this home",
            hint="sps console",
        )  # fmt: skip
    return grant(world, GrantKind.SESSION, found.role, name)


def revoke(world: World, grant_id: str) -> None:
    """Take a grant back. Raises `Misuse("unknown-grant")`."""
    found = next((one for one in world.access.grants() if one.id == grant_id), None)
    if found is None or not world.access.drop(grant_id):
        raise Misuse("unknown-grant", f"there is no grant {grant_id[:40]!r}")
    _told("revoked", found)


def revoke_all(world: World, *kinds: GrantKind) -> int:
    """Take back every grant of these kinds; return how many there were."""
    found = [one for one in world.access.grants() if one.kind in kinds]
    taken = [one for one in found if world.access.drop(one.id)]
    for one in taken:
        _told("revoked", one)
    return len(taken)


def listed(world: World) -> list[GrantView]:
    """List sessions and tokens, newest first."""
    now = world.clock.now()
    alive = [one for one in world.access.grants() if not over(one, now)]
    return [_view(one) for one in reversed(alive) if one.kind is not GrantKind.LAUNCH]


def _forget_expired(world: World, now: int) -> None:
    for old in world.access.grants():
        if over(old, now):
            world.access.drop(old.id)


def _proof(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _told(act: str, about: Grant) -> None:
    detail = {"grant": about.id, "kind": about.kind.value, "role": about.role.value}
    _audit.info("access " + act, extra={**detail, "name_": about.name})


def _view(one: Grant) -> GrantView:
    return GrantView(
        id=one.id,
        kind=one.kind.value,
        role=one.role.value,
        name=one.name,
        created_at=rfc3339(one.created_at),
        used_at=rfc3339(one.used_at) if one.used_at else None,
        expires_at=rfc3339(one.expires_at) if one.expires_at else None,
        card=one.card,
    )
