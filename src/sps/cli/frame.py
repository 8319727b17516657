"""What every command shares: its flags, its home, and its two ways of answering."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sps.cli import auditing, screen
from sps.model.errors import Misuse

if TYPE_CHECKING:
    from pathlib import Path

    from sps.bootstrap import Wired

REQUEST = "SPS_REQUEST_ID"
V = TypeVar("V")
Body = Callable[..., int | None]

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")


class Frame:
    """One call of a command."""

    def __init__(self, *, as_json: bool, dry_run: bool = False) -> None:
        self.as_json = as_json
        self.dry_run = dry_run
        self._request = ""

    @contextlib.contextmanager
    def world(self, *, create: bool = False) -> Iterator[Wired]:
        """Open the home. In a dry run nothing of it can be changed: then this is a rehearsal.

        Raises `Absent("no-home")` unless `create`.
        """
        from sps.bootstrap import home_folder, open_world
        from sps.lib.context import bound

        with self._root(home_folder(), create=create) as root:
            world = open_world(root, create=create, rehearsed=self.dry_run)
            try:
                with bound(request_id=self._named(world)):
                    yield self._rehearsed(world) if self.dry_run else world
            finally:
                if world.upgraded:
                    self.note(f"{world.upgraded}. The one before is kept: sps restore --help")
                # A store that was never used has not been made.
                if "store" in vars(world):
                    world.store.close()

    def anywhere(self) -> Wired:
        """Return the parts of a command that only looks and works without a home."""
        from sps.bootstrap import home_folder, open_anywhere

        return open_anywhere(home_folder())

    @contextlib.contextmanager
    def _root(self, root: Path, *, create: bool) -> Iterator[Path]:
        """Give the home's folder; for a dry run before there is a home, a throw-away one."""
        if not (self.dry_run and create and not root.is_dir()):
            yield root
            return
        from pathlib import Path
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="sps-dry-run-") as folder:
            yield Path(folder)

    def _named(self, world: Wired) -> str:
        """Return the id of this call: the caller's, when it is fit to be one, else a fresh one."""
        from sps.lib.context import request_id

        self._request = self._request or request_id(os.environ.get(REQUEST)) or world.ids.new()
        return self._request

    def _rehearsed(self, world: Wired) -> Any:
        from sps.services.rehearsal import Rehearsal

        return Rehearsal(world)

    def show(self, value: V, text: Callable[[V], str]) -> None:
        """Answer with a value: as one JSON document, or as the text made from it."""
        if self.as_json:
            import msgspec

            screen.document(msgspec.json.format(msgspec.json.encode(value), indent=2))
        else:
            screen.out(text(value))
        if self.dry_run:
            screen.err("dry run: nothing was changed")

    def note(self, text: str) -> None:
        """Say something beside the answer."""
        if not self.as_json:
            screen.err(text)

    def agreed(self, question: str, *, yes: bool) -> None:
        """Ask whether to go on. Raises `Misuse("not-confirmed")` when the answer is no, or when
        there is nobody to ask."""
        if yes or self.dry_run:
            return
        if self.as_json or not screen.interactive():
            raise Misuse("not-confirmed", f"{question} Nobody is there to ask: say --yes")
        screen.err(f"{question} [y/N]")
        if input().strip().lower() not in ("y", "yes"):
            raise Misuse("not-confirmed", "nothing was changed")


def reading(body: Body) -> Body:
    """Give a command that changes nothing in the home its `--json`, and its frame as the first
    argument."""

    def command(*args: Any, as_json: bool, **kwargs: Any) -> int | None:
        with auditing.told(click.get_current_context()):  # also a backup carries everything away
            return body(Frame(as_json=as_json or _asked()), *args, **kwargs)

    return _JSON(functools.update_wrapper(command, body))


def changing(body: Body) -> Body:
    """Give a command that changes something its `--json` and `--dry-run`, and its frame."""

    def command(*args: Any, as_json: bool, dry_run: bool, **kwargs: Any) -> int | None:
        frame = Frame(as_json=as_json or _asked(), dry_run=dry_run)
        with contextlib.nullcontext() if dry_run else auditing.told(click.get_current_context()):
            return body(frame, *args, **kwargs)

    return _DRY_RUN(_JSON(functools.update_wrapper(command, body)))


def _asked() -> bool:
    """Whether `--json` stood before the command."""
    asked = click.get_current_context().obj
    return bool(asked and asked.get("json"))
