"""Only regular files of a bounded size are read, and nothing is waited for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from sps.lib.plain_file import NotPlain, TooLarge, read


def handles() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 3_000_000)
    content, status = read(path, 3_000_000)
    assert len(content) == status.st_size == 3_000_000
    with pytest.raises(TooLarge):
        read(path, 2_999_999)
    path.write_bytes(b"")
    assert read(path, 0)[0] == b""


def test_what_is_no_file_is_refused_and_leaves_no_handle(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    before = handles()
    for name in ("folder", "pipe", "link"):
        with pytest.raises(NotPlain):
            read(tmp_path / name, 10)
    with pytest.raises(NotPlain):
        read(Path("/dev/null"), 10)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        with pytest.raises(OSError, match="No such device"):
            read(tmp_path / "socket", 10)
    assert handles() == before


def test_a_link_is_followed_only_where_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    assert read(tmp_path / "link", 10, follow=True)[0] == b"x"
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="Too many levels"):
        read(tmp_path / "loop", 10, follow=True)
