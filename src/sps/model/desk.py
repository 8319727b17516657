"""What people keep on their desk: named views of a board, and decisions put off for a while."""

from __future__ import annotations

import msgspec

NAME_LIMIT = 40
VIEWS_LIMIT = 50


class SavedView(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A filter of a project's board, by a name."""

    project: str
    name: str
    filter: str


class Snooze(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A card that is not to be shown before `until` (milliseconds), unless it changes first:
    `version` is what it was."""

    card_id: str
    until: int
    version: int


class Desk(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of it."""

    views: tuple[SavedView, ...] = ()
    snoozes: tuple[Snooze, ...] = ()
