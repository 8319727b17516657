"""Skills, repositories and archives for tests: good ones and hostile ones."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

from sps.model.skills.tree import SkillFile, SkillTree, tree_of
from sps.ports.skill_store import Installed

GIT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_COMMITTER_DATE": "1700000000 +0000",
}


def text(name: str = "python") -> str:
    return f"---\nname: {name}\ndescription: Use when a test needs {name}.\n---\n# {name}\n"


def put(path: Path, content: str | bytes = "", *, executable: bool = False) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(0o755 if executable else 0o644)
    return path


def skill(folder: Path, name: str = "python") -> Path:
    put(folder / "SKILL.md", text(name))
    put(folder / "references" / "typing.md", "types\n")
    put(folder / "scripts" / "run.sh", "#!/bin/sh\n", executable=True)
    return folder


def tree(name: str = "python", **more: str) -> SkillTree:
    """The tree of `skill`, with more files by name."""
    files = [
        SkillFile(path="SKILL.md", content=text(name).encode()),
        SkillFile(path="references/typing.md", content=b"types\n"),
        SkillFile(path="scripts/run.sh", content=b"#!/bin/sh\n", executable=True),
    ]
    return tree_of(files + [SkillFile(path=p, content=c.encode()) for p, c in more.items()])


def record(whole: SkillTree, name: str = "python", **fields: object) -> Installed:
    known = {"source": "bundled", "path": name} | fields
    return Installed(name=name, digest=whole.digest, **known)  # type: ignore[arg-type]


def git(*args: str, cwd: Path, stdin: bytes | None = None) -> str:
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always", *args],
        cwd=cwd,
        env=GIT,
        input=stdin,
        capture_output=True,
        timeout=60,
        check=True,
    )
    return done.stdout.decode().strip()


def repository(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    git("init", "--quiet", cwd=folder)
    return folder


def commit(folder: Path, message: str = "more") -> str:
    git("add", "--all", "--force", cwd=folder)
    git("commit", "--quiet", "--allow-empty", "-m", message, cwd=folder)
    return git("rev-parse", "HEAD", cwd=folder)


def raw_commit(folder: Path, tree_id: str) -> str:
    """Make a commit of a tree that git itself would not have made, on the branch main."""
    made = git("commit-tree", tree_id, "-m", "raw", cwd=folder)
    git("update-ref", "refs/heads/main", made, cwd=folder)
    return made


def raw_tree(folder: Path, *entries: tuple[str, str, str]) -> str:
    """Write a tree object of (mode, name, id) without any check."""
    content = b"".join(
        f"{mode} ".encode() + name.encode("utf-8", "surrogateescape") + b"\0" + bytes.fromhex(one)
        for mode, name, one in entries
    )
    argv = ("hash-object", "-w", "--literally", "-t", "tree", "--stdin")
    return git(*argv, cwd=folder, stdin=content)


def blob(folder: Path, content: str) -> str:
    return git("hash-object", "-w", "--stdin", cwd=folder, stdin=content.encode())


def zipped(path: Path, *entries: tuple[str, str | bytes] | zipfile.ZipInfo) -> Path:
    """Write a zip; a bare `ZipInfo` is an entry without content."""
    import warnings

    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        warnings.simplefilter("ignore")  # two entries of one name
        for entry in entries:
            if isinstance(entry, zipfile.ZipInfo):
                file.writestr(entry, b"")
            else:
                file.writestr(*entry)
    return path


def zip_entry(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.filename = entry.orig_filename = name  # as it is, whatever zipfile thinks of it
    entry.create_system = 3
    entry.external_attr = mode << 16
    return entry


def tarred(
    path: Path, *entries: tarfile.TarInfo | tuple[str, str | bytes], form: int = tarfile.PAX_FORMAT
) -> Path:
    """Write a tar, packed as its name says; a bare `TarInfo` is an entry without content."""
    packing = {".gz": "gz", ".tgz": "gz", ".bz2": "bz2", ".xz": "xz"}.get(path.suffix, "")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, f"w:{packing}", format=form) as file:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                file.addfile(entry)
            else:
                name, content = entry
                raw = content.encode() if isinstance(content, str) else content
                info = tarfile.TarInfo(name)
                info.size = len(raw)
                file.addfile(info, io.BytesIO(raw))
    return path


def tar_entry(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.linkname = target
    return entry
