"""Which paths a tool call names."""

from __future__ import annotations

import msgspec

from sps.adapters.agent_acp.frames import (
    Location,
    NotAMessage,
    Piece,
    ToolCall,
    Update,
    is_null,
    read,
)

_MOST = 200
_BYTES = 4 * 1024**2  # a part that is longer is not taken apart
# What agents call a path in their tools' own parameters.
_KEYS = frozenset({
    "path", "paths", "file", "files", "filename", "filepath", "abspath", "absolutepath",
    "targetfile", "oldpath", "newpath", "source", "destination", "notebookpath", "directory", "cwd",
    "workdir",
})  # fmt: skip


def named_paths(call: ToolCall | Update) -> tuple[str, ...]:
    """Return the paths of its locations, its diffs and its parameters, without repetition.

    Raises `NotAMessage` when they cannot all be read: half a list would hide the other half.
    """
    found: list[str] = []
    if locations := _part(call.locations):
        found += [location.path for location in read(locations, list[Location])]
    if content := _part(call.content):
        found += [piece.path for piece in read(content, list[Piece]) if piece.path]
    parameters = _part(call.raw_input)
    if parameters.startswith(b"{"):
        found += _from_parameters(parameters)
    paths = tuple(dict.fromkeys(found))
    if len(paths) > _MOST:
        raise NotAMessage("too many paths")
    return paths


def _part(raw: msgspec.Raw) -> bytes:
    part = b"" if is_null(raw) else bytes(raw)
    if len(part) > _BYTES:
        raise NotAMessage("too long")
    return part


def _from_parameters(part: bytes) -> list[str]:
    found: list[str] = []
    for key, value in read(part, dict[str, msgspec.Raw]).items():
        if key.lower().replace("_", "").replace("-", "") not in _KEYS:
            continue
        text = bytes(value)
        values = read(text, list[msgspec.Raw]) if text.startswith(b"[") else [value]
        words = [bytes(word) for word in values]
        found += [read(word, str) for word in words if word.startswith(b'"')]
    return [path for path in found if path]
