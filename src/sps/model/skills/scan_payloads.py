"""Text that is something else: encoded scripts, and code that decodes and runs."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator

from sps.model.skills.scan_text import MOST, NOTHING, Reading, finding, matches, pattern
from sps.model.skills.suspicion import ScanFinding, Suspect

_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{24,}={0,2}(?:\n[ \t]*[A-Za-z0-9+/_-]{24,}={0,2})*"
)
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?(?:[0-9a-fA-F]{2}){16,}(?![0-9A-Za-z])")
_ESCAPES = re.compile(r"(?:\\x[0-9a-fA-F]{2}){8,}|(?:\\u00[0-9a-fA-F]{2}){8,}|(?:\\[0-7]{3}){8,}")
_ENCODED_URL = re.compile(r"(?:%[0-9a-fA-F]{2}){10,}")
_CODES = re.compile(
    r"(?:fromCharCode|chr|bytes|bytearray|Buffer\.from)\s*\(\s*\[?\s*((?:\d{1,3}\s*,\s*){7,}\d{1,3})"
)
_TALKS_SHELL = re.compile(
    rb"\b(?:curl|wget|bash|powershell|iex|eval|exec|system|subprocess|socket|import |require\("
    rb"|https?://|invoke-|nc -|chmod|sudo|rm -|os\.|child_process|ignore (?:all|any|previous|the)"
    rb"|instructions|do not tell|user must not|api[_ ]?key|password)|/bin/\w*sh",
    re.IGNORECASE,
)
_BLOB_LIMIT = 200_000
_LONG_BLOB = 2000

_DECODES = (
    pattern(
        "decode-and-run", Suspect.REFUSE, "decodes something and runs it at once",
        r"\b(?:base64|openssl\s+base64|openssl\s+enc)\s+[^\n|]{0,60}(?:-d|-D|--decode)\b[^\n|]{0,80}"
        r"\|\s*(?:\w+\s*\|\s*)?(?:sudo\s+)?(?:\S*/)?(?:(?:ba|z|da|k)?sh|python[23]?|perl|ruby|node)\b",
        r"\b(?:xxd\s+-r|gunzip|zcat|rev|tr\s+\S+\s+\S+)\b[^\n|]{0,60}\|\s*(?:sudo\s+)?(?:\S*/)?(?:ba|z)?sh\b",
        r"\b(?:eval|(?:ba|z)?sh\s+-c)\s+[\"']?(?:\$\(|`)[^\n)]{0,300}\b(?:base64|xxd|openssl)\b",
        r"(?<![.\w])(?:exec|eval|compile|__import__)\s*\([^\n]{0,80}\b(?:b64decode|b32decode|fromhex|unhexlify"
        r"|decompress|codecs\.decode|marshal\.loads|a85decode|rot_?13)\b",
        r"(?<![.\w])(?:eval|Function|setTimeout)\s*\(\s*[^\n]{0,60}\b(?:atob|unescape|decodeURIComponent"
        r"|fromCharCode|Buffer\.from)\b",
        r"\bexec\s*\(\s*(?:getattr|globals|bytes|bytearray|[\"']{1,3}\\x)",
        r"\b(?:powershell|pwsh)(?:\.exe)?\b[^\n]{0,80}\s-e(?:nc|ncodedcommand|c)?\s+[A-Za-z0-9+/=]{16,}",
        r"\bFromBase64String\b[^\n]{0,160}\b(?:iex|invoke-expression|Assembly\]::Load)",
        r"\biex\b[^\n]{0,160}\bFromBase64String\b",
        r"\bpickle\.loads\s*\([^\n]{0,40}b64decode", r"\bmarshal\.loads\s*\(",
    ),
    pattern(
        "built-text", Suspect.FLAG, "builds text from character codes, so that it cannot be read",
        r"\bString\.fromCharCode\s*\((?:\s*(?:0x)?[0-9a-f]{2,3}\s*,){7,}",
        r"(?:\bchr\s*\(\s*\d+\s*\)\s*(?:\+|\.|&)\s*){5,}",
    ),
)  # fmt: skip
_ENCODED = pattern("encoded-payload", Suspect.REFUSE, "encoded text that hides commands", NOTHING)
_LONG = pattern("long-blob", Suspect.NOTE, "a long encoded block that nobody can read", NOTHING)


def payload_findings(reading: Reading) -> Iterator[ScanFinding]:
    """Return encoded commands and instructions, and code that decodes and runs."""
    yield from matches(reading, _DECODES)
    count = 0
    for at, decoded in _decoded(reading.text):
        if _is_telling(decoded):
            count += 1
            yield finding(reading, _ENCODED, at)
        elif len(decoded) > _LONG_BLOB and not _is_data_url(reading.text, at):
            yield finding(reading, _LONG, at)
        if count >= MOST:
            return


def _decoded(text: str) -> Iterator[tuple[int, bytes]]:
    for match in _BASE64.finditer(text):
        yield from ((match.start(), one) for one in _from_base64(match[0]))
    for match in _HEX.finditer(text):
        digits = match[0].removeprefix("0x")
        yield match.start(), binascii.unhexlify(digits[:_BLOB_LIMIT])
    for match in _ESCAPES.finditer(text):
        yield match.start(), _from_escapes(match[0])
    for match in _ENCODED_URL.finditer(text):
        yield match.start(), bytes.fromhex(match[0].replace("%", ""))
    for match in _CODES.finditer(text):
        codes = [int(one) for one in match[1].split(",")]
        yield match.start(), bytes(one for one in codes if one < 256)


def _from_base64(text: str) -> Iterator[bytes]:
    packed = "".join(text.split()).rstrip("=")[:_BLOB_LIMIT]
    packed = packed.replace("-", "+").replace("_", "/")
    packed = packed[: len(packed) - 1] if len(packed) % 4 == 1 else packed
    try:
        raw = b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return
    yield raw
    if raw[1:40:2].count(0) > 8:  # PowerShell encodes UTF-16
        yield raw[::2]


def _from_escapes(text: str) -> bytes:
    if text.startswith("\\x"):
        return bytes.fromhex(text.replace("\\x", ""))
    if text.startswith("\\u"):
        return bytes.fromhex(text.replace("\\u00", ""))
    return bytes(int(one, 8) & 0xFF for one in text.split("\\")[1:])


def _is_telling(raw: bytes) -> bool:
    """Whether decoded bytes are text that a shell, an interpreter or an agent would follow."""
    seen = raw.rstrip(b"\x00")
    if len(seen) < 10:
        return False
    shown = sum(32 <= one < 127 or one in b"\n\r\t" for one in seen)
    return shown >= len(seen) * 0.95 and _TALKS_SHELL.search(seen) is not None


def _is_data_url(text: str, at: int) -> bool:
    return re.search(r"data:[\w/+.-]{0,60};base64,\s*$", text[max(0, at - 80) : at]) is not None
