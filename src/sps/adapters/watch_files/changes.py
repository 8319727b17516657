"""Changed card folders, as they change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from sps.model.errors import WorkFailed

if TYPE_CHECKING:
    import asyncio

#: Milliseconds. Half of a step is waited for, and each look costs: 7 is about one per cent idle.
_STEP = 8
_DEBOUNCE = 50


async def changes(
    folders: Collection[Path], stop: asyncio.Event
) -> AsyncIterator[dict[Path, set[str]]]:
    """Give the names of visible Markdown files that appeared, changed or went, by folder, until
    `stop`.

    Folders that are not there are left out; a new list needs a new call. Ends at once when none is
    left. Raises `WorkFailed("watch-failed")` when the system refuses to watch.
    """
    by_path = {str(folder.resolve()): folder for folder in folders if folder.is_dir()}
    if not by_path:
        return
    from watchfiles import awatch

    try:
        async for found in awatch(
            *by_path,
            watch_filter=lambda _, path: _is_card(path),
            debounce=_DEBOUNCE,
            step=_STEP,
            stop_event=stop,
            recursive=False,
        ):
            changed: dict[Path, set[str]] = {}
            for _, path in found:
                place, _, name = path.rpartition("/")
                if place in by_path:
                    changed.setdefault(by_path[place], set()).add(name)
            yield changed
    except (OSError, RuntimeError) as err:
        says = f"card files cannot be watched: {err}"
        raise WorkFailed("watch-failed", says, hint="changes are still found by scanning") from err


def _is_card(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith(".md") and not name.startswith(".")
