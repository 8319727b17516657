"""A changed card file is noticed; what is no card file is not."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sps.adapters.watch_files import changes


async def first_change(folders: list[Path], act: list[Path]) -> dict[Path, set[str]] | None:
    """Return what is told after the files of `act` were written, None when watching just ends."""
    stop = asyncio.Event()
    watching = changes(folders, stop)
    told = asyncio.ensure_future(anext(watching, None))
    try:
        for _ in range(100):  # the watch starts in a thread; a write before that is not seen
            for path in act:
                path.write_text("x")
            done, _ = await asyncio.wait([told], timeout=0.2)
            if done:
                return told.result()
        return None
    finally:
        stop.set()
        if not told.done():
            await told
        await watching.aclose()


def test_the_name_and_the_folder_of_a_changed_card_are_told(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    told = asyncio.run(
        first_change(
            [one, other, tmp_path / "missing"],
            [other / ".hidden.md", other / "1-x.md~", other / "notes.txt", one / "1-x.md"],
        )
    )
    assert told == {one: {"1-x.md"}}


def test_watching_ends_when_asked(tmp_path: Path) -> None:
    async def ended() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, stop.set)
        async for _ in changes([tmp_path], stop):
            raise AssertionError("nothing changed")

    asyncio.run(asyncio.wait_for(ended(), 30))


def test_watching_nothing_ends_at_once(tmp_path: Path) -> None:
    assert asyncio.run(first_change([tmp_path / "missing"], [])) is None
