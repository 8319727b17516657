"""What a person types to see fewer cards: `is:ready label:ui words`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sps.lib.nearest import suggestion
from sps.model.card import CardState
from sps.model.errors import Misuse
from sps.services.layout import COLUMNS

if TYPE_CHECKING:
    from sps.model.card import Card

TEXT_LIMIT = 200
_WORDS_LIMIT = 12
_SMALL = str.maketrans({chr(c): chr(c + 32) for c in range(ord("A"), ord("Z") + 1)})


class CardFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Cards in one of `states` (none: any but dropped) with all labels and words. `text` is the
    tidy form of what was typed: equal filters have equal texts."""

    text: str = ""
    states: tuple[CardState, ...] = ()
    labels: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def among(self, states: tuple[CardState, ...]) -> tuple[CardState, ...]:
        """Return those of the states that pass."""
        return tuple(one for one in states if self._wants(one))

    def fits(self, card: Card) -> bool:
        """Whether a card passes, exactly as the store would find it."""
        if not self._wants(card.state):
            return False
        labels = {small(label) for label in card.text.labels}
        title, number = small(card.text.title), str(card.seq)
        return labels.issuperset(self.labels) and all(
            word in title or word == number for word in self.words
        )

    def _wants(self, state: CardState) -> bool:
        return state in self.states if self.states else state is not CardState.DROPPED


EVERY = CardFilter()


def small(text: str) -> str:
    """Return a text with A to Z made small, and nothing else changed: the store's way."""
    return text.translate(_SMALL)


def parsed(typed: str) -> CardFilter:
    """Read a filter. Raises `Misuse("bad-filter")` for a state that there is none of."""
    text = " ".join(typed[:TEXT_LIMIT].split())
    states: list[CardState] = []
    labels: list[str] = []
    words: list[str] = []
    for part in text.split()[:_WORDS_LIMIT]:
        key, _, value = part.partition(":")
        if key == "is" and value:
            states += _states(small(value))
        elif key == "label" and value:
            labels.append(small(value))
        else:
            words.append(small(part).removeprefix("#"))
    return CardFilter(
        text=text,
        states=tuple(dict.fromkeys(states)),
        labels=tuple(labels),
        words=tuple(word for word in words if word),
    )


def _states(word: str) -> tuple[CardState, ...]:
    plain = word.replace("-", "_")
    if plain in COLUMNS:
        return EVERY.among(COLUMNS[plain])
    names = [state.value for state in CardState]
    if plain in names:
        return (CardState(plain),)
    near = suggestion(plain, [*names, *COLUMNS])
    raise Misuse("bad-filter", f'no card is ever "{word[:40]}"{near}')
