"""What people write to name a source, taken apart.

    bundled                       the library that comes with the program
    ./folder  /folder  path:F     a folder
    skills.zip  archive:F         a zip or tar archive, a local file
    https://host/team/x.git       Git over https, ssh, file, or `user@host:team/x.git`
    git+ADDRESS                   the same said outright, for a local repository too

`@REF` behind a Git address is a branch, a tag or a full commit id: `https://host/x.git@v1.2`,
without it the default branch. It begins at the first `@` after `.git`, else at the last `@` that
does not follow a slash. `//folder` at the end of any source is the folder in it to look at:
`https://host/x.git@v1.2//sub/folder`. Nothing that git would take for an option, a remote helper or
another program is an address, nor one with a password: it would end up in `skills.lock`.
"""

from __future__ import annotations

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from sps.lib import file_names, terminal
from sps.model.errors import Misuse
from sps.ports.skill_store import BUNDLED

_LONGEST = 2048
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_SCP = re.compile(r"(?:[A-Za-z0-9._-]+@)?[A-Za-z0-9._-]+:(?![/\\]{2})[^\s]+")
_HELPER = re.compile(r"[A-Za-z0-9+.-]*::")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\-][^\x00-\x20\x7f~^:?*\[\\]{0,250}")
_ARCHIVE = re.compile(r"\.(?:zip|tar|tgz|tbz2?|txz|tar\.(?:gz|bz2|xz))$", re.IGNORECASE)
_SECRET = 30  # a user name this long is a token
_SCHEMES = ("https", "ssh", "file")


class Kind(StrEnum):
    """What a source is."""

    BUNDLED = "bundled"
    FOLDER = "path"
    ARCHIVE = "archive"
    GIT = "git"


class Address(NamedTuple):
    """`place` is a path or what git gets; `below` the folder in the source, "" for all of it."""

    kind: Kind
    place: str
    ref: str | None = None
    below: str = ""

    @property
    def canonical(self) -> str:
        """The name under which a lock keeps it, without the folder in it."""
        if self.kind is Kind.BUNDLED:
            return BUNDLED
        if self.kind is Kind.GIT:
            return f"git+{self.place}" + (f"@{self.ref}" if self.ref else "")
        return f"{self.kind}:{self.place}"


def parse(text: str, *, base: Path) -> Address:
    """Take a source apart; paths are relative to `base`.

    Raises `Misuse("unknown-source")`, `Misuse("source-refused")`.
    """
    _check(text)
    if text == BUNDLED or text.startswith(f"{BUNDLED}//"):
        return Address(Kind.BUNDLED, "", below=_below(text[len(BUNDLED) :]))
    if text.startswith("git+"):
        return _git(text[4:], base)
    for kind in (Kind.FOLDER, Kind.ARCHIVE):
        if text.startswith(f"{kind}:"):
            return _local(text[len(kind) + 1 :], base, kind)
    if _SCHEME.fullmatch(text):
        return _git(text, base)
    found = _existing(text, base)
    if found is not None:
        return found
    if _SCP.fullmatch(text):
        return _git(text, base)
    if ".git@" in text or ".git//" in text:
        return _git(text, base)
    raise unknown(f"there is no {text}, and it is no address that git takes")


def is_commit(ref: str) -> bool:
    """Tell whether a ref is the full id of a commit, which can never come to mean another."""
    return _COMMIT.fullmatch(ref) is not None


def check_ref(ref: str) -> str:
    """Return a ref that git can get as an argument. Raises `Misuse("source-refused")`."""
    if ref.startswith("-"):
        raise refused(f"the ref {ref!r} begins with -, as an option does")
    odd = ".." in ref or "@{" in ref or "//" in ref or ref.startswith(("/", "+", "."))
    if odd or ref.endswith(("/", ".", ".lock")) or _REF.fullmatch(ref) is None:
        raise refused(f"{ref[:200]!r} is no name of a branch, tag or commit")
    return ref


def refused(why: str) -> Misuse:
    """Return the error for a source that is not accepted."""
    return Misuse("source-refused", terminal.clean(why)[:1000])


def unknown(why: str) -> Misuse:
    """Return the error for a source that means nothing."""
    hint = "sps skill install bundled, ./folder, https://host/repository.git[@REF][//folder]"
    return Misuse("unknown-source", terminal.clean(why)[:1000], hint=hint)


def _check(text: str) -> None:
    if not text.strip() or len(text) > _LONGEST:
        raise unknown("a source is a text of 1 to 2048 characters")
    if _CONTROL.search(text):
        raise refused("there is a control or hidden character in the source")
    if text.startswith("-"):
        raise refused(f"the source {text!r} begins with -, as an option does")
    bare = text.removeprefix("git+")
    if _HELPER.match(bare):
        raise refused(
            f"{bare.split('::')[0]}:: names a program that git would run; use https or ssh"
        )


def _below(tail: str) -> str:
    """Return the folder in the source from what stands behind it, with its slashes."""
    folder = tail.strip("/")
    why = file_names.path_fault(folder) if folder else None
    if why is not None:
        raise refused(f"the folder {folder!r} in the source is {why}")
    return folder


def _existing(text: str, base: Path) -> Address | None:
    """Return the folder, repository or file that a text names; None when it names none."""
    head, _, tail = text.partition("//")
    if not head or not os.path.lexists(base / head):
        head, tail = text, ""
    if not os.path.lexists(base / head):
        return None
    place = os.path.realpath(base / head)
    kind = Kind.ARCHIVE
    if os.path.isdir(place):
        kind = Kind.GIT if _is_bare(place) else Kind.FOLDER
    return Address(kind, place, below=_below(tail))


def _is_bare(place: str) -> bool:
    return (
        os.path.isfile(os.path.join(place, "HEAD"))
        and os.path.isdir(os.path.join(place, "objects"))
        and os.path.isdir(os.path.join(place, "refs"))
    )


def _local(text: str, base: Path, kind: Kind) -> Address:
    found = _existing(text, base)
    if found is not None:
        return found._replace(kind=kind)
    head, _, tail = text.partition("//") if not text.startswith("//") else (text, "", "")
    return Address(kind, os.path.realpath(base / head), below=_below(tail))


def _git(text: str, base: Path) -> Address:
    scheme = _SCHEME.fullmatch(text)
    if scheme is not None:
        return _url(scheme[1].lower(), scheme[2])
    if text.startswith("-"):
        raise refused(f"the address {text!r} begins with -, as an option does")
    if _SCP.fullmatch(text) and not os.path.lexists(base / text.partition("//")[0]):
        host, _, path = text.partition(":")
        _check_host(host.rpartition("@")[2])
        path, ref, below = _parts(path)
        return Address(Kind.GIT, f"{host}:{path}", ref, below)
    head, _, tail = text.partition("//")
    if not os.path.lexists(base / head):
        head, ref, _ = _parts(head)
        return Address(Kind.GIT, os.path.realpath(base / head), ref, _below(tail))
    return Address(Kind.GIT, os.path.realpath(base / head), below=_below(tail))


def _url(scheme: str, rest: str) -> Address:
    if scheme not in _SCHEMES:
        raise refused(f"{scheme}:// is not used for skills: only https, ssh and file are")
    authority, slash, path = rest.partition("/")
    if not slash or not path.strip("/"):
        raise unknown(f"there is no repository in {scheme}://{authority}")
    _check_authority(authority, scheme)
    path, ref, below = _parts(path)
    if scheme == "https" and _ARCHIVE.search(path) and ref is None:
        raise unknown(f"{path.rsplit('/', 1)[-1]} is an archive: download it and name the file")
    return Address(Kind.GIT, f"{scheme}://{authority}/{path}", ref, below)


def _check_authority(authority: str, scheme: str) -> None:
    user, at, host = authority.rpartition("@")
    if at and (":" in user or (scheme == "https" and len(user) >= _SECRET)):
        why = "a password or token in an address would be kept in skills.lock"
        raise refused(f"{why}; let git's credential helper keep it")
    if scheme != "file" and not host:
        raise unknown(f"there is no host in {scheme}://{authority}/")
    _check_host(host)
    if user.startswith("-"):
        raise refused(f"the user {user!r} begins with -, as an option does")


def _check_host(host: str) -> None:
    if host.startswith("-"):
        raise refused(f"the host {host!r} begins with -, as an option does")


def _parts(path: str) -> tuple[str, str | None, str]:
    """Split what follows the host into the repository, the ref and the folder in it."""
    head, _, tail = path.lstrip("/").partition("//")
    lead = path[: len(path) - len(path.lstrip("/"))]
    at = head.find(".git@") + 4 if ".git@" in head else head.rfind("@")
    ref = None
    if at > 0 and head[at - 1] != "/":
        head, ref = head[:at], check_ref(head[at + 1 :])
    if head.startswith("-"):
        raise refused(f"the repository {head!r} begins with -, as an option does")
    return lead + head, ref, _below(tail)
