"""What a page that shows a change needs around its rows: remarks at their lines, and addresses."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

import msgspec

from sps.console.render.diff import MANY, FileDiff
from sps.lib.terminal import clean
from sps.services.judgement import CommentView, VerdictView


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """A remark of a review. `place`: the row it stands at, empty where no row is that of its line.
    `before`: it was said about an earlier version."""

    number: str
    by: str
    where: str
    text: str
    resolved: bool
    before: bool
    place: str = ""


class DiffView(msgspec.Struct, frozen=True, kw_only=True):
    """A change on a page. `path` is the address that shows it, `asked` what that was asked with;
    `notes`: remarks can be written; `at`: rows that have a field for one; `start`: the file that
    the page begins with."""

    files: list[FileDiff]
    path: str
    asked: dict[str, str]
    split: bool = False
    notes: bool = False
    at: list[str] = []
    threads: dict[str, list[Thread]] = {}
    loose: list[Thread] = []
    start: int = 0

    @property
    def shown(self) -> list[FileDiff]:
        """The files of this page."""
        return self.files[self.start : self.start + MANY]

    @property
    def beside(self) -> list[tuple[int, int]]:
        """The pages before and after this one: the number of the first file and after the last."""
        total = len(self.files)
        firsts = (self.start - MANY, self.start + MANY)
        return [(one, min(one + MANY, total)) for one in firsts if 0 <= one < total]

    def to_file(self, number: int) -> str:
        """Return the address of a file: on this page, or on the one that holds it."""
        place = f"#{self.files[number].id}"
        start = page_of(number)
        if start == self.start:
            return place
        return self.to(start=str(start) if start else "", file="") + place

    def to(self, **changes: str) -> str:
        """Return the address with other words in it; an empty one takes a word away."""
        words = {name: value for name, value in (self.asked | changes).items() if value}
        return f"{self.path}?{urlencode(words)}" if words else self.path

    def at_row(self, row: str) -> str:
        """Return the address in which a row has a field for a remark."""
        to = self.to()
        return f"{to}{'&' if '?' in to else '?'}at={row}#{row}"

    def blob(self, file: FileDiff, side: str) -> str:
        """Return the address of a file's content on a side."""
        path = file.before if side == "old" and file.before else file.raw
        words = {"path": path, "side": side, "of": self.asked.get("of", "")}
        return f"{self.path}/blob?{urlencode({k: v for k, v in words.items() if v})}"

    @property
    def added(self) -> int:
        """How many lines are new."""
        return sum(file.added for file in self.files)

    @property
    def deleted(self) -> int:
        """How many lines are gone."""
        return sum(file.deleted for file in self.files)


def page_of(number: int) -> int:
    """Return the file that the page with this file begins with."""
    return number - number % MANY


def threads(
    reviews: Iterable[VerdictView], files: list[FileDiff], now: frozenset[str]
) -> tuple[dict[str, list[Thread]], list[Thread]]:
    """Put the remarks of reviews at their rows: return them by row, and those without one. `now`
    are the tree and the commit as they are: what was said about others was said before."""
    rows = {
        (file.path, row.new): f"{file.id}{row.place}"
        for file in files for hunk in file.hunks for row in hunk.rows if row.new
    }  # fmt: skip
    placed: dict[str, list[Thread]] = {}
    loose: list[Thread] = []
    for review in reviews:
        before = not {review.tree, review.tip} & now
        for comment in review.comments:
            place = rows.get((comment.path, comment.end or comment.line), "")
            made = _thread(comment, review.by, place, before=before)
            placed.setdefault(place, []).append(made) if place else loose.append(made)
    return placed, loose


def _thread(comment: CommentView, by: str, place: str, *, before: bool) -> Thread:
    to = f"-{comment.end}" if comment.end > comment.line else ""
    return Thread(
        number=comment.number, by=clean(by), text=clean(comment.text), resolved=comment.resolved,
        before=before, place=place,
        where=clean(f"{comment.path}:{comment.line}{to}") if comment.path else "",
    )  # fmt: skip
