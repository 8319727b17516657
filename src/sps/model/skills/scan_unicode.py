"""Characters that a reader does not see, or takes for others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from sps.model.skills.suspicion import ScanFinding, Suspect, escaped, line_of, row_at

_TAGS = re.compile("[\U000e0000-\U000e007f]+")
_FLAGS = ("gbeng", "gbsct", "gbwls")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_MARKS = re.compile("[\u200e\u200f\u061c]")
_ZERO_WIDTH = re.compile("[\u200b-\u200d\u2060-\u2064\u180e\ufeff\u115f\u1160\u3164\uffa0\u034f]")
_VARIATIONS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_ESCAPE = re.compile("\x1b|\x9b")
_SOFT = re.compile("\u00ad")
_WORD = re.compile(r"[^\W\d_]{3,}")
_JOINERS = "\u200c\u200d"
_VARIATION_PAYLOAD = 8
_MOST = 5  # findings of one rule in one file

#: Letters of other scripts that look like a Latin one.
LOOK_ALIKES = dict(
    zip(
        "асеорхуѕіјԁһԛԝмтвкнѵɡӏαορντικυյօցսոհ",
        "aceopxysijdhqwmtbkhvglaopvtikujogsnh",
        strict=False,
    )
)
_LOOKS_LATIN = frozenset("асеорхуѕіјԁһԛԝѵɡӏАВСЕНІЈКМОРЅТХУ" + "օցսոհյ")


def hidden_characters(path: str, text: str) -> Iterator[ScanFinding]:
    """Return the invisible, direction-changing and disguised characters of a text."""
    if text.isascii() and not _CONTROLS.search(text):
        return
    yield from _refused(path, text)
    yield from _few(path, text, _zero_width(text), "unicode-zero-width", Suspect.FLAG)
    yield from _few(path, text, _variations(text), "unicode-variation", Suspect.FLAG)
    for pattern, rule, severity in (
        (_ESCAPE, "terminal-escape", Suspect.FLAG),
        (_CONTROLS, "control-character", Suspect.FLAG),
        (_SOFT, "soft-hyphen", Suspect.NOTE),
    ):
        places = (match.start() for match in pattern.finditer(text))
        yield from _few(path, text, places, rule, severity)
    right_to_left = any(unicodedata.bidirectional(one) in {"R", "AL"} for one in text)
    marks = (match.start() for match in _MARKS.finditer(text))
    severity = Suspect.NOTE if right_to_left else Suspect.FLAG
    yield from _few(path, text, marks, "unicode-direction-mark", severity)
    yield from _few(path, text, _disguised(text), "look-alike-letters", Suspect.FLAG)


_SAYS = {
    "unicode-tag": "tag characters: text that people cannot see and models can read",
    "unicode-bidi": "a direction override: the text shown is not the text read",
    "unicode-zero-width": "a character without width, outside of emoji and scripts that need it",
    "unicode-variation": "variation selectors where nothing varies; they can carry hidden text",
    "terminal-escape": "a terminal escape sequence",
    "control-character": "a control character",
    "soft-hyphen": "a soft hyphen, which is not shown",
    "unicode-direction-mark": "a direction mark, which is not shown",
    "look-alike-letters": "a word mixes Latin letters with letters that only look Latin",
}


def _found(path: str, text: str, at: int, rule: str, severity: Suspect) -> ScanFinding:
    return ScanFinding(
        path=path,
        line=line_of(text, at),
        rule=rule,
        severity=severity,
        says=_SAYS[rule],
        excerpt=escaped(row_at(text, at)),
    )


def _few(
    path: str, text: str, places: Iterator[int], rule: str, severity: Suspect
) -> Iterator[ScanFinding]:
    for _, at in zip(range(_MOST), places, strict=False):
        yield _found(path, text, at, rule, severity)


def _refused(path: str, text: str) -> Iterator[ScanFinding]:
    tags = (match.start() for match in _TAGS.finditer(text) if not _is_flag(text, match))
    yield from _few(path, text, tags, "unicode-tag", Suspect.REFUSE)
    bidi = (match.start() for match in _BIDI.finditer(text))
    yield from _few(path, text, bidi, "unicode-bidi", Suspect.REFUSE)
    runs = (
        match.start() for match in _VARIATIONS.finditer(text) if len(match[0]) >= _VARIATION_PAYLOAD
    )
    yield from _few(path, text, runs, "unicode-variation", Suspect.REFUSE)


def _is_flag(text: str, match: re.Match[str]) -> bool:
    """Whether these are the tags of the flag of England, Scotland or Wales."""
    spelled = "".join(chr(ord(one) - 0xE0000) for one in match[0])
    black = match.start() > 0 and text[match.start() - 1] == "\U0001f3f4"
    return black and spelled in {f"{name}\x7f" for name in _FLAGS}


def _zero_width(text: str) -> Iterator[int]:
    for match in _ZERO_WIDTH.finditer(text):
        at = match.start()
        if at == 0 and match[0] == "\ufeff":
            continue
        before = text[at - 1] if at else " "
        after = text[at + 1] if at + 1 < len(text) else " "
        if match[0] in _JOINERS and (_joins_script(before, after) or _joins_emoji(before, after)):
            continue
        yield at


def _joins_script(before: str, after: str) -> bool:
    """Whether both stand in a script whose spelling needs joiners."""
    return all(_needs_joiners(one) for one in (before, after)) or (
        _needs_joiners(before) and after.isspace()
    )


def _needs_joiners(one: str) -> bool:
    code = ord(one)
    return (
        0x0600 <= code <= 0x08FF  # Arabic, Syriac, Thaana, NKo
        or 0x0900 <= code <= 0x0DFF  # the scripts of India and Sri Lanka
        or 0x0E80 <= code <= 0x109F  # Lao, Tibetan, Myanmar
        or 0x1780 <= code <= 0x18AF  # Khmer, Mongolian
        or 0xFB50 <= code <= 0xFDFF
        or 0xFE70 <= code <= 0xFEFC
    )


def _joins_emoji(before: str, after: str) -> bool:
    return _pictures(before) and _pictures(after)


def _pictures(one: str) -> bool:
    code = ord(one)
    modifier = code == 0xFE0F or 0x1F3FB <= code <= 0x1F3FF
    return modifier or unicodedata.category(one) == "So"


def _variations(text: str) -> Iterator[int]:
    for match in _VARIATIONS.finditer(text):
        before = text[match.start() - 1] if match.start() else " "
        selector = ord(match[0][0])
        if len(match[0]) == 1:
            ideograph = unicodedata.name(before, "").startswith("CJK")
            shown = before in "#*0123456789" or unicodedata.category(before)[0] in "SP"
            if ideograph or (
                selector <= 0xFE0F and (shown or unicodedata.category(before) == "Lo")
            ):
                continue
        if len(match[0]) < _VARIATION_PAYLOAD:
            yield match.start()


def _disguised(text: str) -> Iterator[int]:
    for match in _WORD.finditer(text):
        word = match[0]
        if word.isascii():
            continue
        strange = [one for one in word if not one.isascii() and one in _LOOKS_LATIN]
        others = [one for one in word if not one.isascii() and one not in _LOOKS_LATIN]
        if strange and not others and len(strange) < len(word):
            yield match.start()
