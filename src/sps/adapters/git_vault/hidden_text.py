"""The text in what a patch does not show line by line: binary files, and files in UTF-16."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sps.adapters.git_vault.git import Inner
from sps.ports.vault import AddedLine

MOST_BYTES = 64 << 20
_SHORTEST = 12
_ASCII = rb"[\x20-\x7e]"
_STRETCHES = re.compile(rb"%s{%d,}|(?:%s\0){%d,}|(?:\0%s){%d,}" % ((_ASCII, _SHORTEST) * 3))


def hidden_text(git: Inner, blobs: dict[str, str]) -> tuple[tuple[AddedLine, ...], bool]:
    """Return the stretches of text in blobs (path -> object id), and whether they are all: blobs of
    more than 64 MiB together are not looked into."""
    if not blobs:
        return (), True
    names = "".join(f"{name}\n" for name in blobs.values()).encode()
    listed = git.run("cat-file", "--buffer", "--batch-check=%(objectsize)", stdin=names).out
    if sum(map(int, listed.split())) > MOST_BYTES:
        return (), False
    found: list[AddedLine] = []
    content = git.run("cat-file", "--buffer", "--batch=%(objectsize)", stdin=names).out
    for path, body in zip(blobs, _bodies(content), strict=True):
        found += [AddedLine(path, 0, text) for text in _stretches(body)]
    return tuple(found), True


def _bodies(content: bytes) -> Iterator[bytes]:
    """Split `size LF body LF` records."""
    at = 0
    while at < len(content):
        end = content.index(b"\n", at)
        size = int(content[at:end])
        yield content[end + 1 : end + 1 + size]
        at = end + size + 2


def _stretches(body: bytes) -> Iterator[str]:
    for found in _STRETCHES.finditer(body):
        yield found[0].replace(b"\0", b"").decode("ascii")
