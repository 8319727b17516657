"""A folder in which something is made ready is its maker's while it lives, and nobody's after."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

import pytest

from sps.lib.lock import FileLock
from sps.lib.staging import staged, sweep


def test_folder_is_removed_afterwards_unless_it_was_renamed(tmp_path: Path) -> None:
    with staged(lambda: tmp_path / "x-1", "lock") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert sweep(tmp_path, "x-", "lock") == 0
    assert not folder.exists()
    with staged(lambda: tmp_path / "x-2", "lock") as folder:
        folder.rename(tmp_path / "kept")
    assert (tmp_path / "kept").is_dir()
    lock = FileLock(tmp_path / "kept" / "lock")
    assert lock.take()
    lock.release()


def test_sweep_follows_no_link_and_needs_no_parent(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "x-1").symlink_to(outside)
    (tmp_path / "x-2").write_text("a file\n")
    assert sweep(tmp_path, "x-", "lock") == sweep(tmp_path / "none", "x-", "lock") == 0
    assert outside.is_dir()


def test_folder_that_a_sweep_took_at_once_is_made_anew(tmp_path: Path) -> None:
    """Makers and sweepers race; whoever gets a folder keeps it."""
    numbers = itertools.count()
    over = threading.Event()

    def clean() -> None:
        while not over.is_set():
            sweep(tmp_path, "x-", "lock")

    sweeper = threading.Thread(target=clean)
    sweeper.start()
    try:
        for _ in range(60):
            with staged(lambda: tmp_path / f"x-{next(numbers)}", "lock") as folder:
                (folder / "content").write_text("x")
                assert (folder / "content").is_file()
    finally:
        over.set()
        sweeper.join(30)
    assert not list(tmp_path.iterdir())


def test_name_that_is_never_free_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(FileExistsError), staged(lambda: tmp_path / "x", "lock"):
        raise AssertionError
    assert (tmp_path / "x").is_dir()
