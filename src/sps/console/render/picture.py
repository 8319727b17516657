"""What kind of picture some bytes are. Only by what they begin with: a name proves nothing."""

from __future__ import annotations

_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"), (b"BM", "image/bmp"), (b"\x00\x00\x01\x00", "image/x-icon"),
)  # fmt: skip


def kind(content: bytes) -> str:
    """Return the media type of a picture that holds nothing but pixels, empty for anything else.
    A drawing (SVG) can hold programs and is none."""
    for begin, name in _KINDS:
        if content.startswith(begin):
            return name
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    return ""
