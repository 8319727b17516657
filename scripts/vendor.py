"""Brings the browser's libraries and fonts into the package: pinned, checked, with their licences.

    python -m scripts.vendor             fetch what the lock names, write files, sums and notice
    python -m scripts.vendor --check     compare what is committed with the lock, without a network

A bump: change version and integrity in `vendor.lock.json` (npm view NAME@VERSION dist.integrity),
run it and read the diff. Packages come through npm, from wherever npm is set up to fetch; what
counts is the hash. Nothing of a package is run.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scripts.fetch_agent import NotFetched, Pin, download

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = Path("src/sps/console")
LOCK = CONSOLE / "vendor.lock.json"
VENDOR = CONSOLE / "static" / "vendor"
NOTICE = "THIRD_PARTY.md"
LICENCE = "LICENSE"

Lock = dict[str, dict[str, Any]]
_HEAD = """\
# Third party files

The console serves these files from its own package; nothing is fetched while it runs. Written by
`python -m scripts.vendor` from `src/sps/console/vendor.lock.json`; each folder holds the licence.

| package | version | licence | files |
|---|---|---|---|
"""


def read(root: Path) -> Lock:
    """Read the lock: package -> version, licence, integrity, folder, files and their sums."""
    lock: Lock = json.loads((root / LOCK).read_text(encoding="utf-8"))
    return lock


def notice(lock: Lock) -> str:
    """Return the text of THIRD_PARTY.md."""
    rows = []
    for name, pin in sorted(lock.items()):
        folder = (VENDOR / pin["folder"]).as_posix()
        files = ", ".join(f"`{Path(file).name}`" for file in sorted(pin["files"]))
        licence = f"[{pin['license']}]({folder}/{LICENCE})"
        rows.append(f"| {name} | {pin['version']} | {licence} | {files} in `{folder}` |\n")
    return _HEAD + "".join(rows)


def findings(root: Path) -> Iterator[str]:
    """Say where the committed files differ from the lock."""
    lock, known = read(root), set()
    for name, pin in lock.items():
        for file, digest in pin["sha256"].items():
            path = root / VENDOR / pin["folder"] / file
            known.add(path)
            if not path.is_file():
                yield f"{path.relative_to(root)}: {name} has it, it is not here"
            elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                yield f"{path.relative_to(root)}: is not what the lock says"
        wanted = {Path(file).name for file in pin["files"]} | {LICENCE}
        if set(pin["sha256"]) != wanted:
            yield f"{LOCK}: {name}: sums of {sorted(pin['sha256'])}, wanted {sorted(wanted)}"
    for path in sorted((root / VENDOR).rglob("*")):
        if path.is_file() and path not in known:
            yield f"{path.relative_to(root)}: no package of the lock has it"
    page = root / NOTICE
    if not page.is_file() or page.read_text(encoding="utf-8") != notice(lock):
        yield f"{NOTICE}: is not what the lock says; run: python -m scripts.vendor"


def fetch(root: Path) -> None:
    """Fetch every package and write files, sums and the notice. Raises `NotFetched`."""
    lock = read(root)
    for name, pin in lock.items():
        kept = _files(name, pin)
        folder = root / VENDOR / pin["folder"]
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for file, content in kept.items():
            (folder / file).write_bytes(content)
        sums = {file: hashlib.sha256(content).hexdigest() for file, content in kept.items()}
        pin["sha256"] = dict(sorted(sums.items()))
    (root / LOCK).write_text(json.dumps(lock, indent=1) + "\n", encoding="utf-8")
    (root / NOTICE).write_text(notice(lock), encoding="utf-8")


def _files(name: str, pin: dict[str, Any]) -> dict[str, bytes]:
    """Return file name -> content of what we keep of a package, its licence with it."""
    kept: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as place:
        whole = Pin(name, pin["version"], "", pin["integrity"])
        with tarfile.open(download(whole, Path(place)), "r:gz") as archive:
            for member in archive.getmembers():
                path = member.name.partition("/")[2]
                licence = "/" not in path and path.upper().startswith("LICEN")
                source = archive.extractfile(member) if licence or path in pin["files"] else None
                if source is not None:
                    kept[LICENCE if licence else Path(path).name] = source.read()
    if set(kept) != {Path(file).name for file in pin["files"]} | {LICENCE}:
        raise NotFetched(f"{name}@{pin['version']} holds only {sorted(kept)}")
    return kept


def main(words: Sequence[str]) -> int:
    """Fetch, or check what is committed."""
    if words == ["--check"]:
        found = list(findings(ROOT))
        print("\n".join(found) or "vendored files: ok")
        return 1 if found else 0
    if words:
        print("usage: python -m scripts.vendor [--check]", file=sys.stderr)
        return 2
    try:
        fetch(ROOT)
    except NotFetched as err:
        print(f"vendor: {err}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
