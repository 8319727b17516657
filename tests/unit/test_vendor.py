"""The committed third party files are the pinned ones, and any other is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from scripts import vendor


def _copy(folder: Path) -> Path:
    (folder / vendor.CONSOLE).mkdir(parents=True)
    shutil.copytree(vendor.ROOT / vendor.VENDOR, folder / vendor.VENDOR)
    for name in (vendor.LOCK, Path(vendor.NOTICE)):
        shutil.copy(vendor.ROOT / name, folder / name)
    return folder


def test_committed_files_are_what_the_lock_says() -> None:
    assert list(vendor.findings(vendor.ROOT)) == []


def test_every_package_has_an_integrity_and_a_licence() -> None:
    for pin in vendor.read(vendor.ROOT).values():
        assert pin["integrity"].startswith("sha512-")
        assert pin["license"]
        assert vendor.LICENCE in pin["sha256"]


def test_changed_missing_and_additional_files_are_found(tmp_path: Path) -> None:
    root = _copy(tmp_path)
    place = root / vendor.VENDOR
    (place / "sortablejs" / "Sortable.min.js").write_text("evil()")
    (place / "uplot" / "LICENSE").unlink()
    (place / "more.js").write_text("more()")
    said = "\n".join(vendor.findings(root))
    assert "Sortable.min.js: is not what the lock says" in said
    assert "uplot/LICENSE: uplot has it, it is not here" in said
    assert "more.js: no package of the lock has it" in said


def test_notice_follows_the_lock(tmp_path: Path) -> None:
    root = _copy(tmp_path)
    lock = vendor.read(root)
    lock["uplot"]["version"] = "9.9.9"
    (root / vendor.LOCK).write_text(json.dumps(lock))
    assert any(one.startswith(vendor.NOTICE) for one in vendor.findings(root))
