"""Ringing reaches a living daemon, and nobody else."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sps.adapters.wake_socket import SocketWake
from sps.adapters.wake_socket.listen import listen
from sps.model.errors import Held, Misuse


@pytest.fixture(params=["short", "long"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    home = tmp_path / "h" if request.param == "short" else tmp_path / ("x" * 120) / ("y" * 120)
    home.mkdir(parents=True)
    home.chmod(0o700)
    return home / "daemon.sock"


async def rung(path: Path) -> int:
    """Ring three times before the listener looks, and once after; count the calls."""
    calls = 0
    heard = asyncio.Event()

    def on_ring() -> None:
        nonlocal calls
        calls += 1
        heard.set()

    listener = await listen(path, on_ring)
    try:
        assert path.stat().st_mode & 0o777 == 0o600
        assert [SocketWake(path).ring() for _ in range(3)] == [True] * 3
        await asyncio.wait_for(heard.wait(), 10)
        heard.clear()
        assert await asyncio.to_thread(SocketWake(path).ring)
        await asyncio.wait_for(heard.wait(), 10)
    finally:
        listener.close()
        listener.close()
    return calls


def test_rings_are_heard_and_a_burst_is_one(path: Path) -> None:
    assert asyncio.run(rung(path)) == 2
    assert not path.exists()


def test_ringing_without_a_daemon_is_false(path: Path) -> None:
    assert not SocketWake(path).ring()
    assert not SocketWake(path.parent / "no" / "such" / "folder").ring()
    assert not SocketWake(Path("a\0b")).ring()


def test_a_socket_that_a_dead_daemon_left_is_replaced(path: Path) -> None:
    async def die() -> None:
        listener = await listen(path, lambda: None)
        asyncio.get_running_loop().remove_reader(listener._bell.fileno())
        listener._bell.close()

    asyncio.run(die())
    assert path.is_socket()
    assert not SocketWake(path).ring()
    assert asyncio.run(rung(path)) == 2


def test_a_ring_never_waits_for_a_daemon_that_hangs(path: Path) -> None:
    async def hang() -> set[bool]:
        listener = await listen(path, lambda: None)
        try:
            # The loop has no turn between these, so the buffer fills: the daemon has been rung.
            return {SocketWake(path).ring() for _ in range(2000)}
        finally:
            listener.close()

    assert asyncio.run(hang()) == {True}


def test_something_else_in_its_place_is_neither_rung_nor_removed(
    path: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.sock"
    path.write_text("a file")
    for _ in range(2):
        assert not SocketWake(path).ring()
        with pytest.raises(Misuse) as caught:
            asyncio.run(listen_once(path))
        assert caught.value.code == "foreign-socket"
        assert os.path.lexists(path)
        path.unlink()
        path.symlink_to(other)


async def listen_once(path: Path) -> None:
    (await listen(path, lambda: None)).close()


def test_a_socket_of_another_user_is_not_rung(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: only root can give files away")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(str(tmp_path / "s"))
        os.chown(tmp_path / "s", 12345, 12345)
        assert not SocketWake(tmp_path / "s").ring()


def test_a_living_daemon_keeps_its_socket(path: Path) -> None:
    async def second() -> None:
        listener = await listen(path, lambda: None)
        try:
            with pytest.raises(Held):
                await listen(path, lambda: None)
            assert SocketWake(path).ring()
        finally:
            listener.close()

    asyncio.run(second())


def test_a_home_that_others_can_write_is_refused(path: Path) -> None:
    path.parent.chmod(0o777)
    with pytest.raises(Misuse) as caught:
        asyncio.run(listen_once(path))
    assert caught.value.code == "insecure-home"


def test_the_ringing_side_loads_no_event_loop(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib, sps.adapters.wake_socket as w\n"
        "w.SocketWake(pathlib.Path(sys.argv[1])).ring()\n"
        "print('asyncio' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "s")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "False"
