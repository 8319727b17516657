"""Links, images and hidden parts of Markdown that tell, hide or carry away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from sps.model.skills.markdown import Link, links
from sps.model.skills.scan_text import MOST, Reading, matches, pattern
from sps.model.skills.suspicion import ScanFinding, Suspect, escaped, line_of

_ADDRESS = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}|0x[0-9a-f]+|\d{8,10}|[0-9a-f:]*:[0-9a-f:]+", re.IGNORECASE
)
_LOCAL = re.compile(
    r"127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0|169\.254\.|::1$|192\.0\.2\.|198\.51\.100\.|203\.0\.113\."
)
_URL = re.compile(r"\bhttps?://[^\s<>\"'`)\]}|\\]{1,300}", re.IGNORECASE)
_HOST_TEXT = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:/\S*)?", re.IGNORECASE)
_FILLED = re.compile(
    r"[{<$\[]|%7b|\b(?:data|token|secret|key|content|q|payload|d|text|msg|prompt)=(?:$|[^&]{0,3}(?:[A-Z_]{4,}|\.\.\.|…))",
    re.IGNORECASE,
)
_SHORTENERS = (
    "bit.ly",
    "tinyurl.com",
    "t.co",
    "goo.gl",
    "is.gd",
    "cutt.ly",
    "rb.gy",
    "shorturl.at",
)
_COMMENT = re.compile(r"<!--(.{0,2000}?)(?:-->|\Z)", re.DOTALL)
_ORDERS = re.compile(
    r"\b(?:you|agent|assistant|ai|model|claude|must|always|never|ignore|run|execute|send|instruction\w*"
    r"|system|important|user)\b",
    re.IGNORECASE,
)
_NOT_SHOWN = re.compile(
    r"^ {0,3}\[[^\]\n]{0,80}\]:\s*(?:#|<>)\s*[\"'(]([^\n]{1,400})", re.MULTILINE
)
_HIDDEN = (
    pattern(
        "hidden-text", Suspect.FLAG, "text that a page does not show and an agent reads",
        r"<[a-z]+\b[^>\n]{0,200}\bstyle\s*=\s*[\"'][^\"'\n]{0,200}(?:display\s*:\s*none|visibility\s*:\s*hidden"
        r"|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])|color\s*:\s*(?:white|#fff(?:fff)?|transparent))",
        r"<(?:div|p|span|section)\b[^>\n]{0,100}\shidden\b[^>\n]{0,60}>",
        firm=True,
    ),
    pattern(
        "active-html", Suspect.FLAG, "HTML that runs or loads something",
        r"<(?:iframe|object|embed)\b[^>\n]{0,300}\bsrc\s*=", r"<img\b[^>\n]{0,300}\bonerror\s*=",
        r"<script\b[^>\n]{0,200}\bsrc\s*=\s*[\"']http",
    ),
)  # fmt: skip


def link_findings(reading: Reading) -> Iterator[ScanFinding]:
    """Return suspicious addresses; in prose also links, images, comments and hidden parts."""
    yield from _addresses(reading)
    if not reading.prose:
        return
    yield from matches(reading, _HIDDEN)
    yield from _comments(reading)
    for link in links(reading.text):
        yield from _link(reading, link)


def _found(
    reading: Reading, line: int, rule: str, severity: Suspect, says_excerpt: tuple[str, str]
) -> ScanFinding:
    return ScanFinding(
        path=escaped(reading.path),
        line=line,
        rule=rule,
        severity=severity,
        says=says_excerpt[0],
        excerpt=escaped(says_excerpt[1]),
    )


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _addresses(reading: Reading) -> Iterator[ScanFinding]:
    for _, match in zip(range(MOST * 40), _URL.finditer(reading.text), strict=False):
        url = match[0]
        odd = _odd(url)
        if odd is not None:
            severity, says = odd
            line = line_of(reading.text, match.start())
            yield _found(reading, line, "odd-address", severity, (says, url))


def _odd(url: str) -> tuple[Suspect, str] | None:
    host = _host(url)
    if not host:
        return None
    if "xn--" in host or not host.isascii():
        return Suspect.FLAG, "the host's name has letters that can be taken for others"
    if _ADDRESS.fullmatch(host) and not _LOCAL.match(host):
        return Suspect.FLAG, "an address by number, whose owner nobody sees"
    if "@" in urlsplit(url).netloc and "." in urlsplit(url).netloc.partition("@")[0]:
        return Suspect.FLAG, "what stands before the @ looks like a host, but is not"
    if host in _SHORTENERS:
        return Suspect.FLAG, "a shortened address, whose target nobody sees"
    return None


def _link(reading: Reading, link: Link) -> Iterator[ScanFinding]:
    target = link.target.strip()
    lowered = target.lower()
    if lowered.startswith(("javascript:", "vbscript:", "data:text/html", "data:text/javascript")):
        says = "a link that runs code"
        yield _found(reading, link.line, "active-link", Suspect.FLAG, (says, target))
    elif lowered.startswith("file:") or target.startswith(("/etc/", "~/", "/home/", "/Users/")):
        says = "a link to a file of the user"
        yield _found(reading, link.line, "link-outside", Suspect.FLAG, (says, target))
    elif link.image and lowered.startswith(("http:", "https:", "//")):
        query = target.partition("?")[2]
        if query:
            filled = _FILLED.search(query) is not None
            severity = Suspect.FLAG if filled else Suspect.NOTE
            says = "a remote image whose address carries data"
            yield _found(reading, link.line, "image-with-data", severity, (says, target))
    elif lowered.startswith(("http:", "https:")):
        yield from _other_host(reading, link)


def _other_host(reading: Reading, link: Link) -> Iterator[ScanFinding]:
    shown = _HOST_TEXT.fullmatch(link.text.strip("`* "))
    if shown is None:
        return
    said, real = shown[1].lower().removeprefix("www."), _host(link.target).removeprefix("www.")
    if said != real and not real.endswith(f".{said}") and not said.endswith(f".{real}"):
        says = f"the link says {said} and leads to {real}"
        if "/" in link.text or link.text.lower().startswith("http") or said.count(".") > 1:
            yield _found(reading, link.line, "link-lies", Suspect.FLAG, (says, link.target))
        else:
            yield _found(reading, link.line, "link-lies", Suspect.NOTE, (says, link.target))


def _comments(reading: Reading) -> Iterator[ScanFinding]:
    for pattern_, says in ((_COMMENT, "a comment"), (_NOT_SHOWN, "a definition with a text")):
        for _, match in zip(range(MOST), pattern_.finditer(reading.text), strict=False):
            if _ORDERS.search(match[1]):
                line = line_of(reading.text, match.start())
                whole = f"{says} that is not shown, with words for an agent"
                yield _found(reading, line, "html-comment", Suspect.NOTE, (whole, match[0]))
