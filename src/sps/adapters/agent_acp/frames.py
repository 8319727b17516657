"""The parts of the agent's messages that we look at; everything else in them is skipped unread."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

_T = TypeVar("_T")


class NotAMessage(Exception):
    """A line, or a part of one, that does not have the shape the protocol gives it."""


class Frame(msgspec.Struct, frozen=True):
    """One line: a request (method and id), a notification (method), or an answer (id)."""

    id: int | str | msgspec.UnsetType | None = msgspec.UNSET
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw(b"{}")
    result: msgspec.Raw = msgspec.Raw(b"")
    error: msgspec.Raw = msgspec.Raw(b"")


class Fault(msgspec.Struct, frozen=True):
    """The error of an answer."""

    code: int = -32603
    message: str = "error"
    data: Any = None


class Content(msgspec.Struct, frozen=True):
    """A content block; only text is of interest."""

    type: str = ""
    text: str = ""


class ToolContent(msgspec.Struct, frozen=True):
    """A piece of what a tool call shows; only text is of interest."""

    content: Content = Content()


class Location(msgspec.Struct, frozen=True):
    """A path that a tool call touches."""

    path: str


class Piece(msgspec.Struct, frozen=True):
    """A part of what a tool call produced; a diff names its file."""

    path: str | None = None


class Money(msgspec.Struct, frozen=True):
    """An amount, cumulative for the session."""

    amount: float
    currency: str = ""


class Update(msgspec.Struct, frozen=True, rename="camel"):
    """A session update of any kind. Fields that depend on the kind are read later."""

    session_update: str
    content: msgspec.Raw = msgspec.Raw(b"")
    message_id: msgspec.Raw = msgspec.Raw(b"")
    tool_call_id: str = ""
    title: str | None = None
    kind: str | None = None
    status: str | None = None
    locations: msgspec.Raw = msgspec.Raw(b"")
    raw_input: msgspec.Raw = msgspec.Raw(b"")
    used: int | None = None
    cost: Money | None = None


class UpdateParams(msgspec.Struct, frozen=True):
    """The parameters of `session/update`."""

    update: Update


class ToolCall(msgspec.Struct, frozen=True, rename="camel"):
    """The tool call of a permission request."""

    tool_call_id: str = ""
    title: str | None = None
    kind: str | None = None
    content: msgspec.Raw = msgspec.Raw(b"")
    locations: msgspec.Raw = msgspec.Raw(b"")
    raw_input: msgspec.Raw = msgspec.Raw(b"")


class OfferedOption(msgspec.Struct, frozen=True, rename="camel"):
    """One way to answer a permission request."""

    option_id: str
    kind: str = ""


class PermissionParams(msgspec.Struct, frozen=True, rename="camel"):
    """The parameters of `session/request_permission`."""

    tool_call: ToolCall
    options: tuple[OfferedOption, ...] = ()


class ReadParams(msgspec.Struct, frozen=True):
    """The parameters of `fs/read_text_file`; lines count from 1."""

    path: str
    line: int | None = None
    limit: int | None = None


class WriteParams(msgspec.Struct, frozen=True):
    """The parameters of `fs/write_text_file`."""

    path: str
    content: str


def read(raw: bytes | msgspec.Raw, shape: type[_T]) -> _T:
    """Decode JSON of that shape. Raises `NotAMessage`."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as err:
        raise NotAMessage(str(err)[:200]) from err


def is_null(raw: msgspec.Raw) -> bool:
    """Say whether a part is absent or null."""
    return bytes(raw) in {b"", b"null"}
