"""Reading and writing `skills.lock`. It comes out of a repository, so every word of it is checked
before a path is made of it."""

from __future__ import annotations

import json
import re

import msgspec

from sps.lib import file_names
from sps.model.errors import Misuse, NewerData
from sps.model.skills.lock import LOCK_FILE, LockedFile, LockedSkill, SkillsLock
from sps.model.skills.tree import FILES_LIMIT, SkillTree

VERSION = 1
LOCK_LIMIT = 32 * 1024 * 1024
SKILLS_LIMIT = 5000
_TEXT_LIMIT = 4096
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def parse(content: bytes) -> SkillsLock:
    """Return the lock. Raises `Misuse("broken-lock")` for whatever is not exactly as `render`
    writes it, and `NewerData` for a version that this program does not know."""
    if len(content) > LOCK_LIMIT:
        raise _broken(f"it is larger than {LOCK_LIMIT} bytes")
    try:
        raw = json.loads(content.decode(), object_pairs_hook=_unique)
    except (UnicodeDecodeError, ValueError, RecursionError) as err:
        raise _broken(f"it is no JSON: {err}") from err
    version = raw.get("version") if isinstance(raw, dict) else None
    if isinstance(version, int) and version > VERSION:
        says = f"{LOCK_FILE} has version {version}; this program knows {VERSION}"
        raise NewerData("newer-lock", says, hint="update sps", where=LOCK_FILE)
    if version != VERSION:
        raise _broken("its version is missing or unknown")
    try:
        lock = msgspec.convert(raw, SkillsLock)
    except msgspec.ValidationError as err:
        raise _broken(str(err)) from err
    if len(lock.skills) > SKILLS_LIMIT:
        raise _broken(f"it has more than {SKILLS_LIMIT} skills")
    if any(not _NAME.fullmatch(agent) for agent in lock.agents):
        raise _broken("an agent's name is none")
    for name, skill in lock.skills.items():
        if (wrong := _wrong_name(name) or _wrong(skill)) is not None:
            raise _broken(f"skill {name[:80]!r}: {wrong}")
    return lock


def render(lock: SkillsLock) -> bytes:
    """Return the one text of a lock: sorted, indented, with a newline at its end."""
    raw = msgspec.to_builtins(lock)
    if not lock.agents:
        del raw["agents"]
    for skill in raw["skills"].values():
        for key in ("commit", "checks", "edited"):
            if skill.get(key) is None:
                skill.pop(key, None)
        if not skill["disabled"]:
            del skill["disabled"]
    text = json.dumps(raw, ensure_ascii=True, indent=2, sort_keys=True)
    return f"{text}\n".encode()


def files_of(tree: SkillTree) -> dict[str, LockedFile]:
    """Return what the lock says about the files of a tree."""
    return {
        path: LockedFile(sha256=file.digest, mode=file.mode) for path, file in tree.files.items()
    }


def digest_of(files: dict[str, LockedFile]) -> str:
    """Return the digest of the tree that has these files: `SkillTree.digest` without contents."""
    from hashlib import sha256

    whole = sha256()
    for raw, file in sorted((path.encode(), file) for path, file in files.items()):
        whole.update(f"{file.mode} {file.sha256} {len(raw)}:".encode() + raw)
    return whole.hexdigest()


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands there twice")
    return found


def _wrong_name(name: str) -> str | None:
    good = len(name) <= 64 and _NAME.fullmatch(name)
    return None if good else "that is no name of a skill"


def _wrong(skill: LockedSkill) -> str | None:
    for text in (skill.source, skill.path, skill.verdict):
        if not 0 < len(text) <= _TEXT_LIMIT or _CONTROL.search(text):
            return "source, path or verdict is empty, too long, or has control characters"
    if skill.path != "." and (wrong := file_names.path_fault(skill.path)) is not None:
        return f"path {skill.path[:200]!r}: {wrong}"
    digests = (skill.digest, skill.checks, skill.edited)
    if any(one is not None and not _HASH.fullmatch(one) for one in digests):
        return "a digest is no sha-256"
    if skill.commit is not None and not _COMMIT.fullmatch(skill.commit):
        return "commit is no full commit id"
    return _wrong_files(skill)


def _wrong_files(skill: LockedSkill) -> str | None:
    if len(skill.files) > FILES_LIMIT:
        return f"more than {FILES_LIMIT} files"
    if (clash := file_names.clash(skill.files)) is not None:
        return f"{clash[0][:200]!r} and {clash[1][:200]!r}: {clash[2]}"
    for path, file in skill.files.items():
        if (wrong := file_names.path_fault(path)) is not None:
            return f"file {path[:200]!r}: {wrong}"
        if not _HASH.fullmatch(file.sha256) or file.mode not in ("644", "755"):
            return f"file {path[:200]!r} has no sha-256 or a mode other than 644 and 755"
    return None


def _broken(why: str) -> Misuse:
    says = f"{LOCK_FILE} cannot be read: {why}"
    hint = f"git log -p -- {LOCK_FILE}   # it has been changed by hand"
    return Misuse("broken-lock", says, hint=hint, where=LOCK_FILE)
