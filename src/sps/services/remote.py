"""Access to the console from other machines: a password, a certificate, the names it goes by."""

from __future__ import annotations

import ipaddress
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sps.lib.times import rfc3339
from sps.model.access import Grant, GrantKind, Role
from sps.model.errors import Misuse
from sps.model.remote import Certificate, RemoteAccess
from sps.services import access

if TYPE_CHECKING:
    from sps.ports.world import World

_audit = logging.getLogger("sps.audit")
PASSWORD_LEAST, PASSWORD_MOST = 12, 1024
_KINDS_LEAST = 5
SOON_MS = 14 * 24 * 3600 * 1000  #: a certificate that ends sooner is told
TLS_COMMAND = "sps console tls CERTIFICATE KEY"
PASSWORD_COMMAND = "sps console password"  # noqa: S105
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
                   r"(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")  # fmt: skip


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What there is for access from other machines. `expires_at` null: no certificate."""

    password: bool
    names: tuple[str, ...]
    certificate: str
    expires_at: str | None


def judge(password: str) -> None:
    """Raise `Misuse("weak-password")` for one that could be guessed."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        says = f"a password has {PASSWORD_LEAST} to {PASSWORD_MOST} characters"
        raise Misuse("weak-password", says, hint=PASSWORD_COMMAND)
    if len(set(password)) < _KINDS_LEAST:
        says = f"a password has at least {_KINDS_LEAST} different characters"
        raise Misuse("weak-password", says, hint=PASSWORD_COMMAND)


def set_password(world: World, password: str) -> Prepared:
    """Keep a password, as a hash, and end all sessions. Raises `Misuse("weak-password")`."""
    judge(password)
    return _keep_password(world, world.remote.hashed(password), "password set")


def forget_password(world: World) -> Prepared:
    """Take the password back, and end all sessions."""
    return _keep_password(world, "", "password removed")


def _keep_password(world: World, hashed: str, act: str) -> Prepared:
    kept = world.remote.kept()
    world.remote.keep(msgspec.structs.replace(kept, password=hashed))
    ended = access.revoke_all(world, GrantKind.SESSION)
    _audit.info("remote access changed", extra={"act": act, "sessions_ended": ended})
    return prepared(world)


def set_certificate(
    world: World, certificate: Path, key: Path, names: tuple[str, ...] = (), *, dry: bool = False
) -> Prepared:
    """Keep where the owner's certificate and key are, and the names that people will type: without
    any, those in the certificate. `dry`: only look. Raises what `checked` raises, and `Misuse` with
    bad-name, no-names or foreign-name."""
    found = _valid(world, certificate, key)
    own = (name for name in found.names if "*" not in name)
    wanted = tuple(dict.fromkeys(map(_name, names or own)))
    if not wanted:
        says = f"{certificate} names no host that could be typed; say which"
        raise Misuse("no-names", says, hint=f"{TLS_COMMAND} --name HOST")
    for name in wanted:
        if not any(_covers(one, name) for one in found.names):
            says = f"{certificate} is not for {name}, but for {', '.join(found.names) or 'nobody'}"
            raise Misuse("foreign-name", says, hint=TLS_COMMAND)
    kept = msgspec.structs.replace(
        world.remote.kept(), certificate=str(certificate), key=str(key), names=wanted
    )
    if not dry:
        world.remote.keep(kept)
        _audit.info("remote access changed", extra={"act": "certificate set", "names": wanted})
    return Prepared(
        password=bool(kept.password), names=wanted, certificate=str(certificate),
        expires_at=rfc3339(found.ends_at),
    )  # fmt: skip


def prepared(world: World) -> Prepared:
    """Say what there is. Raises what the certificate's files raise."""
    kept = world.remote.kept()
    found = world.remote.certificate(*_files(kept)) if kept.certificate else None
    return Prepared(
        password=bool(kept.password), names=kept.names, certificate=kept.certificate,
        expires_at=rfc3339(found.ends_at) if found else None,
    )  # fmt: skip


def checked(world: World, host: str) -> RemoteAccess:
    """Return what to listen on `host` with. Raises `Misuse` with host-needs-tls when something is
    missing, certificate-expired, certificate-early, and what the certificate's files raise."""
    kept = world.remote.kept()
    lacks = [what for what, there in (("a certificate with its key (TLS)", kept.certificate),
                                      ("a password", kept.password)) if not there]  # fmt: skip
    if lacks:
        raise Misuse(
            "host-needs-tls",
            f"to listen on {host[:80]!r} others could reach, the console needs TLS and a password; "
            f"{' and '.join(lacks)} is missing. Give the certificate with: {TLS_COMMAND}, and set "
            f"the password with: {PASSWORD_COMMAND}",
            hint=PASSWORD_COMMAND if kept.certificate else TLS_COMMAND,
        )
    _valid(world, *_files(kept))
    return kept


def sign_in(world: World, password: str, name: str) -> tuple[str, Grant]:
    """Turn the password into a session. Raises `Misuse("password-refused")`."""
    kept = world.remote.kept()
    if not world.remote.matches(kept.password, password[: PASSWORD_MOST + 1]):
        _audit.warning("password refused")
        raise Misuse("password-refused", "this is not the password", hint=PASSWORD_COMMAND)
    return access.grant(world, GrantKind.SESSION, Role.ADMIN, name)


def _valid(world: World, certificate: Path, key: Path) -> Certificate:
    found, now = world.remote.certificate(certificate, key), world.clock.now()
    if found.ends_at <= now:
        says = f"{certificate} expired on {rfc3339(found.ends_at)}"
        raise Misuse("certificate-expired", says, hint=TLS_COMMAND)
    if found.begins_at > now:
        says = f"{certificate} holds only from {rfc3339(found.begins_at)} on"
        raise Misuse("certificate-early", says, hint="date")
    return found


def _files(kept: RemoteAccess) -> tuple[Path, Path]:
    return Path(kept.certificate), Path(kept.key)


def _name(text: str) -> str:
    """Return a host's name as browsers send it. Raises `Misuse("bad-name")`."""
    name = text.strip().lower().removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        pass
    if _NAME.fullmatch(name) is None:
        raise Misuse("bad-name", f"{text[:80]!r} is no name of a host; without scheme and port")
    return name


def _covers(pattern: str, name: str) -> bool:
    """Whether a name in a certificate is this one; a star stands for one part."""
    try:
        return ipaddress.ip_address(pattern.strip()) == ipaddress.ip_address(name)
    except ValueError:
        pass
    first, dot, rest = name.partition(".")
    return pattern.lower() in (name, f"*{dot}{rest}" if first and dot else name)
