"""Hostile sources of skills, each with the reason for which it has to be refused."""

from __future__ import annotations

import gzip
import os
import socket
import stat
import struct
import tarfile
from collections.abc import Callable
from pathlib import Path

from tests.redteam.guarded_files import CANARY
from tests.skill_makers import (
    blob,
    commit,
    put,
    raw_commit,
    raw_tree,
    repository,
    skill,
    tar_entry,
    tarred,
    text,
    zip_entry,
    zipped,
)

MIB = 1024 * 1024
MAIN = ("python/SKILL.md", text())
Maker = Callable[[Path], str]


def zip_of(*entries: object) -> Maker:
    def make(place: Path) -> str:
        zipped(place / "a.zip", MAIN, *entries)  # type: ignore[arg-type]
        return "a.zip"

    return make


def tar_of(*entries: object, name: str = "a.tar", form: int = tarfile.PAX_FORMAT) -> Maker:
    def make(place: Path) -> str:
        tarred(place / name, MAIN, *entries, form=form)  # type: ignore[arg-type]
        return name

    return make


def patched(make: Maker, change: Callable[[bytes], bytes]) -> Maker:
    def patch(place: Path) -> str:
        name = make(place)
        (place / name).write_bytes(change((place / name).read_bytes()))
        return name

    return patch


def folder_with(name: str, target: str) -> Maker:
    def make(place: Path) -> str:
        folder = skill(place / "python")
        put(folder / ".git" / "config", CANARY)
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(target.replace("OUTSIDE", str(place.parent / "outside")))
        return "python"

    return make


def folder_made(change: Callable[[Path], object]) -> Maker:
    def make(place: Path) -> str:
        change(skill(place / "python"))
        return "python"

    return make


def git_with(change: Callable[[Path], object]) -> Maker:
    def make(place: Path) -> str:
        folder = repository(place / "repo")
        skill(folder / "python")
        change(folder / "python")
        commit(folder)
        return f"file://{folder}"

    return make


def git_raw(build: Callable[[Path, str, str], str]) -> Maker:
    """A repository whose only commit has the tree that `build(repo, SKILL.md, python)` returns."""

    def make(place: Path) -> str:
        folder = repository(place / "repo")
        main = blob(folder, text())
        inner = raw_tree(folder, ("100644", "SKILL.md", main))
        raw_commit(folder, build(folder, main, inner))
        return f"file://{folder}"

    return make


def bomb_of_trees(folder: Path, main: str, inner: str) -> str:
    one = inner
    for _ in range(12):
        one = raw_tree(folder, *((("40000", f"d{number}", one)) for number in range(10)))
    return one


def listening(folder: Path) -> None:
    here = os.getcwd()
    os.chdir(folder)  # the address of a socket has little room
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("socket")
    finally:
        os.chdir(here)


def sparse_file(folder: Path) -> None:
    with (folder / "huge").open("wb") as file:
        file.truncate(1 << 40)


def checksummed(block: bytes) -> bytes:
    bare = block[:148] + b" " * 8 + block[156:]
    return block[:148] + b"%06o\0 " % sum(bare) + block[156:]


def sized(size: bytes) -> Callable[[bytes], bytes]:
    """Write another size into the first header of a tar."""
    return lambda raw: checksummed(raw[:124] + size + raw[136:512]) + raw[512:]


def pax(**told: str) -> tarfile.TarInfo:
    entry = tarfile.TarInfo("python/innocent")
    entry.pax_headers = told
    return entry


LINK = stat.S_IFLNK | 0o777
ZEROS = b"\0" * (8 * MIB)

HOSTILE: dict[str, tuple[Maker, str]] = {
    # zip: names
    "zip-dotdot": (zip_of((zip_entry("../canary"), "x")), r"'\.\./canary'.*path that leaves"),
    "zip-deep-dotdot": (zip_of((zip_entry("python/a/../../../canary"), "x")), "path that leaves"),
    "zip-absolute": (zip_of((zip_entry("/tmp/canary"), "x")), "absolute path"),
    "zip-backslash": (zip_of((zip_entry("python\\..\\..\\canary"), "x")), "backslash"),
    "zip-drive": (zip_of((zip_entry("C:/canary"), "x")), "drive letter"),
    "zip-control": (zip_of((zip_entry("python/\x1b[2Jx"), "x")), r"control character \(U\+001B"),
    "zip-bidi": (zip_of((zip_entry("python/\u202efdp.sh"), "x")), r"hidden character \(U\+202E"),
    "zip-tag": (zip_of((zip_entry("python/a\U000e0061"), "x")), r"U\+E0061"),
    "zip-reserved": (zip_of((zip_entry("python/aux.md"), "x")), "Windows"),
    "zip-dot-git": (zip_of((zip_entry("python/x/.git/config"), "x")), r"\.git inside"),
    "zip-dot-git-case": (zip_of((zip_entry(".GIT/hooks/post-checkout"), "x")), r"\.git inside"),
    "zip-dot-git-short": (zip_of((zip_entry("GIT~1/config"), "x")), r"\.git inside"),
    "zip-nul": (
        patched(
            zip_of((zip_entry("python/nuX.md"), "x")), lambda raw: raw.replace(b"nuX.", b"nu\0.")
        ),
        r"control character \(U\+0000",
    ),
    "zip-twice": (zip_of(("python/SKILL.md", "other")), "two entries of one name"),
    "zip-case": (zip_of(("python/skill.md", "other")), "differ only in case"),
    "zip-case-of-folders": (zip_of(("Python/x", "other")), "differ only in case"),
    "zip-composed": (zip_of(("caf\u00e9", "x"), ("cafe\u0301", "y")), "differ only in case"),
    "zip-file-and-folder": (zip_of(("python/SKILL.md/x", "x")), "a folder as well"),
    # zip: links and devices
    "zip-link-out": (
        zip_of((zip_entry("python/x", LINK), "../../outside/canary")),
        "x: a link that leads out",
    ),
    "zip-link-absolute": (zip_of((zip_entry("python/x", LINK), "/etc/passwd")), "leads out"),
    "zip-link-main": (
        lambda place: str(
            zipped(
                place / "b.zip",
                (zip_entry("p/SKILL.md", LINK), "../../outside/SKILL.md"),  # type: ignore[arg-type]
            )
        ),
        "SKILL.md: a link that leads out",
    ),
    "zip-write-through-link": (
        zip_of((zip_entry("python/x", LINK), "../../outside"), ("python/x/canary", "x")),
        "a folder as well",
    ),
    "zip-link-long": (zip_of((zip_entry("python/x", LINK), "a/" * 4000)), "no path"),
    "zip-device": (zip_of(zip_entry("python/null", stat.S_IFCHR | 0o666)), "device or pipe"),
    "zip-pipe": (zip_of(zip_entry("python/pipe", stat.S_IFIFO | 0o666)), "device or pipe"),
    # zip: bombs and lies
    "zip-bomb": (zip_of(("python/zeros", ZEROS)), "bomb"),
    "zip-entries": (zip_of(*((f"python/{n}", "") for n in range(300))), "more than 200 entries"),
    "zip-directory": (
        patched(zip_of(), lambda raw: raw[:-10] + struct.pack("<I", 1 << 31) + raw[-6:]),
        "more than 200 entries",
    ),
    "zip-deep": (zip_of(("a/" * 60 + "x", "x")), "more than 40 deep"),
    "zip-encrypted": (
        patched(
            zip_of(),
            lambda raw: raw.replace(b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\1"),
        ),
        "encrypted",
    ),
    "zip-broken": (patched(zip_of(), lambda raw: raw[:40] + b"XXXX" + raw[44:]), "cannot be read"),
    "zip-cut": (patched(zip_of(), lambda raw: raw[:-30]), "cannot be read"),
    # tar: names
    "tar-dotdot": (tar_of(("../canary", "x")), "path that leaves"),
    "tar-absolute": (tar_of(("//etc/canary", "x")), "absolute path"),
    "tar-pax-path": (tar_of(pax(path="../../canary")), "path that leaves"),
    "tar-gnu-name": (
        tar_of(("../" * 60 + "canary", "x"), form=tarfile.GNU_FORMAT),
        "path that leaves",
    ),
    "tar-twice": (tar_of(MAIN), "two entries of one name"),
    "tar-case": (tar_of(("PYTHON/x", "x")), "differ only in case"),
    "tar-control": (tar_of(("python/a\rb", "x")), r"control character \(U\+000D"),
    # tar: links and devices
    "tar-link-out": (
        tar_of(tar_entry("python/x", tarfile.SYMTYPE, "../../outside/canary")),
        "x: a link that leads out",
    ),
    "tar-write-through-link": (
        tar_of(tar_entry("python/x", tarfile.SYMTYPE, "/tmp"), ("python/x/canary", "x")),
        "a folder as well",
    ),
    "tar-hard-link-out": (
        tar_of(tar_entry("python/x", tarfile.LNKTYPE, "../outside/canary")),
        "hard link to something that is not in the archive",
    ),
    "tar-hard-link-absolute": (
        tar_of(tar_entry("python/x", tarfile.LNKTYPE, "/etc/passwd")),
        "hard link to something",
    ),
    "tar-hard-link-to-link": (
        tar_of(
            tar_entry("python/x", tarfile.SYMTYPE, "/etc/passwd"),
            tar_entry("python/y", tarfile.LNKTYPE, "python/x"),
        ),
        "hard link to something",
    ),
    "tar-char-device": (tar_of(tar_entry("python/x", tarfile.CHRTYPE)), "a device"),
    "tar-block-device": (tar_of(tar_entry("python/x", tarfile.BLKTYPE)), "a device"),
    "tar-pipe": (tar_of(tar_entry("python/x", tarfile.FIFOTYPE)), "a pipe"),
    "tar-sparse": (tar_of(tar_entry("python/x", tarfile.GNUTYPE_SPARSE)), "sparse"),
    "tar-pax-sparse": (tar_of(pax(**{"GNU.sparse.realsize": "1099511627776"})), "sparse"),
    # tar: bombs and lies
    "tar-gz-bomb": (tar_of(("python/zeros", ZEROS), name="a.tar.gz"), "bomb"),
    "tar-bz2-bomb": (tar_of(("python/zeros", ZEROS), name="a.tar.bz2"), "bomb"),
    "tar-xz-bomb": (tar_of(("python/zeros", ZEROS), name="a.tar.xz"), "bomb"),
    "tar-entries": (tar_of(*((f"python/{n}", "") for n in range(300))), "more than 200 entries"),
    "tar-hard-link-bomb": (
        tar_of(
            ("python/big", b"x" * MIB),
            *(tar_entry(f"python/{n}", tarfile.LNKTYPE, "python/big") for n in range(100)),
        ),
        f"more than {64 * MIB} bytes",
    ),
    "tar-huge-size": (patched(tar_of(), sized(b"77777777777\0")), "ends too early"),
    "tar-negative-size": (patched(tar_of(), sized(b"\xff" * 12)), "a number in a header"),
    "tar-long-header": (tar_of(pax(comment="9" * 200_000)), "header that is too long"),
    "tar-one-name-for-all": (
        lambda place: _tar_for_all(place / "a.tar"),
        "gives all its entries one name",
    ),
    "tar-broken": (patched(tar_of(), lambda raw: b"X" + raw[1:]), "broken header"),
    "gz-of-no-tar": (
        lambda place: str(put(place / "a.gz", gzip.compress(b"x" * 2000))),
        "no tar archive",
    ),
    "gz-cut": (patched(tar_of(name="a.tgz"), lambda raw: raw[:60]), "ends too early"),
    # folders
    "folder-link-out": (folder_with("x", "../../outside/canary"), "x: a link that leads out"),
    "folder-link-absolute": (folder_with("x", "OUTSIDE/canary"), "x: a link that leads out"),
    "folder-link-to-folder": (folder_with("x", "OUTSIDE"), "x: a link that leads out"),
    "folder-link-main": (folder_with("SKILL.md", "OUTSIDE/SKILL.md"), "SKILL.md: a link that"),
    "folder-link-git": (folder_with("x", ".git/config"), r"a link into a \.git"),
    "folder-link-circle": (folder_with("x", "x"), "circle"),
    "folder-pipe": (folder_made(lambda at: os.mkfifo(at / "x")), "no regular file"),
    "folder-socket": (folder_made(listening), "no regular file"),
    "folder-hidden-name": (folder_made(lambda at: put(at / "a\u2066b")), r"U\+2066"),
    "folder-case": (folder_made(lambda at: put(at / "skill.md")), "differ only in case"),
    "folder-huge-file": (folder_made(sparse_file), "bytes"),
    "folder-deep": (folder_made(lambda at: put(at.joinpath(*"d" * 30) / "x")), "more than 20 deep"),
    # repositories
    "git-link-out": (
        git_with(lambda at: (at / "x").symlink_to("../../outside/canary")),
        "x: a link that leads out",
    ),
    "git-link-absolute": (git_with(lambda at: (at / "x").symlink_to("/etc/passwd")), "leads out"),
    "git-link-main": (
        git_with(
            lambda at: (
                (at / "SKILL.md").unlink(),
                (at / "SKILL.md").symlink_to("../../outside/SKILL.md"),
            )
        ),
        "SKILL.md: a link that leads out",
    ),
    "git-link-git": (git_with(lambda at: (at / "x").symlink_to("../.git/config")), r"into a \.git"),
    "git-link-circle": (git_with(lambda at: (at / "x").symlink_to("..")), "circle"),
    "git-case": (git_with(lambda at: put(at / "skill.md")), "differ only in case"),
    "git-control": (git_with(lambda at: put(at / "a\x07b")), r"U\+0007"),
    "git-dot-git": (
        git_raw(lambda at, main, inner: raw_tree(at, ("40000", ".git", inner))),
        "refused by git.*hasDotgit",
    ),
    "git-dot-git-hidden": (
        git_raw(lambda at, main, inner: raw_tree(at, ("40000", ".g\u200cit", inner))),
        "refused by git.*hasDotgit",
    ),
    "git-dotdot": (
        git_raw(lambda at, main, inner: raw_tree(at, ("40000", "..", inner))),
        "refused by git.*hasDotdot",
    ),
    "git-slash": (
        git_raw(lambda at, main, inner: raw_tree(at, ("100644", "../canary", main))),
        "refused by git.*fullPathname",
    ),
    "git-twice": (
        git_raw(
            lambda at, main, inner: raw_tree(
                at, ("100644", "SKILL.md", main), ("100644", "SKILL.md", main)
            )
        ),
        "refused by git.*duplicateEntries",
    ),
    "git-bomb": (git_raw(bomb_of_trees), "more than 200 entries"),
    # addresses: nothing of them reaches git
    "address-ext": (lambda place: f"ext::sh -c 'touch {place.parent}/outside/ran'", "ext::"),
    "address-git-ext": (lambda place: "git+ext::sh -c id", "ext::"),
    "address-fd": (lambda place: "fd::17/x", "fd::"),
    "address-option": (lambda place: "--upload-pack=touch ran", "as an option does"),
    "address-git-option": (lambda place: "git+--upload-pack=touch ran", "as an option does"),
    "address-ssh-option": (
        lambda place: "ssh://-oProxyCommand=touch ran/x.git",
        "host.*as an option does",
    ),
    "address-scp-option": (lambda place: "git@-oProxyCommand:x.git", "host.*as an option does"),
    "address-http": (lambda place: "http://example.org/x.git", "http:// is not used"),
    "address-password": (lambda place: "https://me:secret@example.org/x.git", "password or token"),
    "address-token": (lambda place: f"https://{'t' * 40}@example.org/x.git", "password or token"),
    "address-control": (lambda place: "https://example.org/x.git\n--upload-pack=x", "control"),
    "address-below": (lambda place: "https://example.org/x.git//../../outside", "path that leaves"),
    "address-ref-option": (lambda place: "https://e.org/x.git@--upload-pack=x", "begins with -"),
    "address-ref-spec": (lambda place: "https://e.org/x.git@main:refs/heads/x", "no name of a"),
    "address-ref-plus": (lambda place: "https://e.org/x.git@+main", "no name of a branch"),
    "address-ref-dots": (lambda place: "https://e.org/x.git@a..b", "no name of a branch"),
}


def _tar_for_all(path: Path) -> str:
    with tarfile.open(path, "w", pax_headers={"path": "../canary"}) as file:
        file.addfile(tarfile.TarInfo("x"))
    return str(path)
