"""What a service says in English, in another language: whole sentences of the catalogue, with what
stands in the place of their `{names}`. What is not in it stays as it is."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from sps.console import catalogue
from sps.services.telling import Speak

# What the names of sentences stand for: numbers, what a service said itself, lists of that.
_NUMBERS = frozenset(("count", "seq", "seconds", "code", "total", "limit", "uid", "attempt"))
_SAID = frozenset(
    ("cause", "detail", "what", "costs", "standing", "free", "needed", "own", "who", "state")
)
_LISTS = frozenset(("cards",))
_OF_EVENTS = frozenset(("detail", "why", "status", "state", "decision", "trouble", "to"))
_NAME = re.compile(r"\{(\w+)\}")
_LIMIT = 500  # characters: longer texts are not sentences of ours
_END = re.compile(r"(?<=[.;]) ")


def heard(language: str, text: str) -> str:
    """Return a service's text in a language, sentence by sentence where it is not known whole."""
    if language == "en" or not text or len(text) > _LIMIT:
        return text
    return _heard(language, text)


def speaker(language: str) -> Speak:
    """Return what says the phrases of events in a language."""
    return lambda phrase: catalogue.say(
        language,
        phrase.text,
        **{name: _told(language, name, value) for name, value in phrase.words.items()},
    )


def _told(language: str, name: str, value: object) -> object:
    """Return what an event says in place of a name; words of agents and people stay theirs."""
    ours = name in _OF_EVENTS and isinstance(value, str)
    return heard(language, str(value)) if ours else value


@lru_cache(maxsize=2000)
def _heard(language: str, text: str) -> str:
    whole = _sentence(language, text)
    if whole is not None:
        return whole
    for place in _END.finditer(text):
        head = _sentence(language, text[: place.start()])
        if head is not None:
            return f"{head}{_heard(language, text[place.end() :])}"
    return text


def _sentence(language: str, text: str) -> str | None:
    """Return one sentence; None where the catalogue does not have it."""
    known = catalogue.words(language).get(text)
    if known is not None:
        return known
    for pattern, other in _patterns(language):
        found = pattern.fullmatch(text)
        if found is not None:
            return other.format(**{k: _put(language, k, v) for k, v in found.groupdict().items()})
    return None


def _put(language: str, name: str, value: str) -> str:
    if name in _LISTS:
        return "、".join(heard(language, one) for one in value.split(", "))
    return heard(language, value) if name in _SAID else value


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the sentences with names, those with the most words of their own first."""
    return tuple(
        (_pattern(english), other)
        for english, other in sorted(
            catalogue.sentences(language).items(), key=lambda one: -len(_NAME.sub("", one[0]))
        )
    )


def _pattern(english: str) -> re.Pattern[str]:
    parts, end, seen = [], 0, set[str]()
    for name in _NAME.finditer(english):
        parts.append(re.escape(english[end : name.start()]))
        what = "[0-9][0-9,.]*" if name[1] in _NUMBERS else "[^\\n]+?"
        parts.append(f"(?P={name[1]})" if name[1] in seen else f"(?P<{name[1]}>{what})")
        seen.add(name[1])
        end = name.end()
    return re.compile("".join(parts) + re.escape(english[end:]))
