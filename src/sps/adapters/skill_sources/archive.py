"""An archive as a source: read into memory within limits, never unpacked to disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sps.adapters.skill_sources import address, tar_file, zip_file
from sps.adapters.skill_sources.archive_entry import Budget, Entry, refused_entry
from sps.adapters.skill_sources.inflate import inflated, packed_as
from sps.adapters.skill_sources.limits import Limits
from sps.lib import file_names, plain_file
from sps.lib.file_tree import FOLDER, LINK, FlatListing, Item, Node
from sps.model.errors import Absent

_DEEP = "an archive with folders more than {} deep"


class ArchiveTree:
    """All entries of an archive as a listing."""

    notes: tuple[str, ...] = ()

    def __init__(self, entries: Sequence[Entry], limits: Limits) -> None:
        """Raises `Misuse("source-refused")` for entries that clash or lie too deep."""
        files = [entry for entry in entries if entry.kind != FOLDER]
        for entry in entries:
            if entry.path.count("/") > limits.depth:
                raise refused_entry(entry.path, _DEEP.format(limits.depth))
        twins = file_names.clash(_paths(entries))
        if twins is not None:
            raise refused_entry(twins[1], f"{twins[2]} (beside {twins[0]!r})")
        self._contents = {entry.path: entry.content for entry in files}
        self.listing = FlatListing((entry.path, _node(entry)) for entry in entries)

    def read(self, items: Sequence[Item]) -> dict[str, bytes]:
        """Return the content of gathered files by their real path."""
        return {item.real: self._contents[item.real] for item in items}


def _paths(entries: Sequence[Entry]) -> list[str]:
    """Return the paths to compare: a folder may be named again, as what lies in it names it."""
    paths = [entry.path for entry in entries if entry.kind != FOLDER]
    # A name of our own below each folder: a file of the folder's name then clashes.
    folders = {entry.path for entry in entries if entry.kind == FOLDER}
    return paths + [f"{path}/." for path in sorted(folders)]


def _node(entry: Entry) -> Node:
    target = entry.content.decode("utf-8", "surrogateescape") if entry.kind == LINK else ""
    return Node(entry.kind, len(entry.content), entry.executable, target)


def opened(place: str, limits: Limits) -> ArchiveTree:
    """Read a zip or tar archive, whatever its name is.

    Raises `Misuse("unknown-source")`, `Misuse("source-refused")` that names the entry and why,
    `Absent("source-missing")`.
    """
    try:
        content, _ = plain_file.read(Path(place), limits.archive)
    except FileNotFoundError as err:
        raise Absent("source-missing", f"there is no {place}", where=place) from err
    except (plain_file.NotPlain, plain_file.TooLarge) as err:
        raise address.refused(f"{place} is {err}") from err
    except OSError as err:
        raise address.refused(f"{place}: {err.strerror or err}") from err
    budget = Budget(limits, len(content))
    if zip_file.is_zip(content):
        return ArchiveTree(zip_file.entries(content, budget, limits), limits)
    packing = packed_as(content)
    if packing is None and not tar_file.is_tar(content):
        raise address.unknown(f"{place} is no zip or tar archive")
    return ArchiveTree(tar_file.entries(inflated(content, packing, budget), budget), limits)
