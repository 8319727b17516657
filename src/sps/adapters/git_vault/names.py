"""What may become part of a command line or of an object: ids, refs, branches, identities.

Everything here comes from cards, files or agents, so a value either has its exact form or is
refused. Nothing is quoted or escaped on its way to git.
"""

from __future__ import annotations

import re

from sps.model.errors import Misuse
from sps.model.project import Identity

_ID = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
_BAD_IN_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|\.(?:/|\Z)")
_KEEP = re.compile(r"refs/sps/[A-Za-z0-9][A-Za-z0-9/_.%-]{0,200}\Z")
_ULID_TIME = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}\Z")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_LONGEST = 400
_LONGEST_PART = 240  # a file of that name, with `.lock` behind it, is possible everywhere
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

RUNS = "refs/sps/runs/"
SALVAGE = "refs/sps/salvage/"
TREES = "refs/sps/trees/"  #: merged on another machine, named by their id


def is_id(text: str) -> bool:
    """Tell whether this is a full object id."""
    return _ID.match(text) is not None


def object_id(text: str) -> str:
    """Return a full object id as it is. Raises `Misuse("bad-object-id")`."""
    if not is_id(text):
        raise Misuse("bad-object-id", f"not a full object id: {text[:80]!r}")
    return text


def branch_ref(branch: str) -> str:
    """Return `refs/heads/<branch>`. Raises `Misuse("bad-branch")` for what git would not take."""
    parts = branch.encode("utf-8", "surrogateescape").split(b"/")
    if len(branch) > _LONGEST or max(map(len, parts)) > _LONGEST_PART:
        raise Misuse(
            "bad-branch",
            f"the branch name {branch[:60]!r}... is too long: at most {_LONGEST} characters, and "
            f"{_LONGEST_PART} bytes between two slashes",
        )
    wrong = not branch or branch[0] in "-./" or branch[-1] == "/"
    if wrong or branch == "@" or _BAD_IN_REF.search(branch):
        raise Misuse("bad-branch", f"not a branch name: {branch[:80]!r}")
    return f"refs/heads/{branch}"


def kept_ref(ref: str) -> str:
    """Return a ref of ours as it is. Raises `Misuse("bad-ref")` for any that is not below
    `refs/sps/`."""
    if not _KEEP.match(ref) or _BAD_IN_REF.search(ref) or ref.endswith("/"):
        raise Misuse("bad-ref", f"not a ref below refs/sps/: {ref[:80]!r}")
    return ref


def run_name(run_id: str) -> str:
    """Return a run id as it is. Raises `Misuse("bad-run-id")`."""
    if not _RUN.match(run_id):
        raise Misuse("bad-run-id", f"not a run id: {run_id[:80]!r}")
    return run_id


def run_seconds(run_id: str) -> int | None:
    """Return the second a run id was made in, None when it is no ULID."""
    if not _ULID_TIME.match(run_id):
        return None
    milliseconds = 0
    for letter in run_id[:10]:
        milliseconds = milliseconds * 32 + _CROCKFORD.index(letter)
    return milliseconds // 1000


def flat(ref: str) -> str:
    """Return a foreign ref name as one harmless path component: what is no letter, digit, `_` or
    `-` becomes %XX of its bytes; the end of a long name becomes a digest."""
    raw = ref.encode("utf-8", "surrogateescape")
    text = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in raw)
    if text.startswith("-"):
        text = "%2D" + text[1:]
    if len(text) <= 120:
        return text
    import hashlib

    return text[:80] + "-" + hashlib.sha256(raw).hexdigest()[:32]


def one_line(text: str) -> str:
    """Return the text on one line: control characters become a space."""
    return _CONTROL.sub(" ", text).encode("utf-8", "replace").decode().strip()


def signature(identity: Identity, seconds: int) -> bytes:
    """Return `Name <email> seconds +0000` as it stands in a commit."""
    name = re.sub(r"[<>]", "", one_line(identity.name)).strip() or "SPS"
    email = re.sub(r"[<>\s]", "", one_line(identity.email)) or "sps@localhost"
    return f"{name} <{email}> {max(seconds, 0)} +0000".encode()
