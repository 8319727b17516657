"""The settings of a home: every key with its type, its default and where else it may come from."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from sps.lib import byte_size
from sps.lib.nearest import suggestion
from sps.model.errors import Misuse

_LONGEST = 200


class Source(StrEnum):
    """Where a value comes from; the later wins."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    FLAG = "flag"


class Effect(StrEnum):
    """From when on a changed value counts."""

    NOW = "now"
    START = "start"  #: when the daemon starts the next time


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One setting. A number lies between `least` and `most`; a word is one of `choices`; a `size`
    is written as people do: 10GiB."""

    name: str
    says: str
    default: str
    effect: Effect
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    unit: str = ""
    size: bool = False
    variable: str = ""  #: the environment variable that overrules the file
    flag: str = ""  #: the option of a command that overrules both

    @property
    def group(self) -> str:
        """What the key is about: the word before its dot."""
        return self.name.partition(".")[0]

    def read(self, text: str) -> str:
        """Return the tidy form of a value. Raises `Misuse("bad-setting")`."""
        value = text.strip()
        if self.choices:
            if value in self.choices:
                return value
            near = suggestion(value[:40], self.choices)
            raise self._bad(value, f"one of {', '.join(self.choices)}{near}")
        if self.size:
            return self._sized(value)
        if not value.isascii() or not value.isdigit() or len(value) > 9:
            raise self._bad(value, f"a whole number from {self.least} to {self.most}")
        if not self.least <= int(value) <= self.most:
            raise self._bad(value, f"from {self.least} to {self.most}")
        return str(int(value))

    def _sized(self, value: str) -> str:
        try:
            found = byte_size.parse(value[:40])
        except ValueError as err:
            raise self._bad(value, "a size such as 10GiB or 500MiB") from err
        if found <= 0:
            raise self._bad(value, "more than nothing")
        return value.replace(" ", "")

    def _bad(self, value: str, wants: str) -> Misuse:
        return Misuse(
            "bad-setting", f"{self.name} is {wants}, not {value[:40]!r}", where=self.name,
            hint=f"sps config set {self.name} {self.default}",
        )  # fmt: skip


def _word(name: str, says: str, choices: tuple[str, ...], **more: str) -> Key:
    effect = Effect(more.pop("effect", "now"))
    return Key(name=name, says=says, default=choices[0], choices=choices, effect=effect, **more)  # type: ignore[arg-type]


KEYS: tuple[Key, ...] = (
    Key(name="console.port", says="Where the console listens; the next free port when it is taken.",
        default="4311", least=1, most=65_535, effect=Effect.START, flag="sps up --port"),
    Key(name="console.streams", says="How many pages may follow live at the same time.",
        default="32", least=1, most=5_000, effect=Effect.START, variable="SPS_SSE_CLIENTS"),
    _word("console.language", "The language of browsers that have not chosen one.",
          ("browser", "en", "zh")),
    _word("console.theme", "The theme of browsers that have not chosen one.",
          ("system", "light", "dark")),
    _word("console.density", "How close lines stand.", ("comfortable", "compact")),
    _word("console.motion", "Whether anything moves.", ("system", "reduced")),
    _word("console.keys", "Whether single letters are shortcuts.", ("on", "off")),
    Key(name="agents.limit", says="How many agents may work at the same time in all projects.",
        default="8", least=1, most=64, effect=Effect.START, flag="sps up --limit"),
    Key(name="agents.silent", says="After how long without output an agent is called stuck.",
        default="300", least=10, most=86_400, unit="s", effect=Effect.NOW),
    Key(name="environments.limit", says="How much room prepared environments may take.",
        default="10GiB", size=True, effect=Effect.START, variable="SPS_ENVIRONMENTS_LIMIT"),
    _word("log.level", "From which level on the daemon writes its log.",
          ("info", "debug", "warning", "error"), effect="start", variable="SPS_LOG"),
    _word("engine.kind", "What keeps the steps of the work.", ("journal", "dbos"),
          effect="start", variable="SPS_ENGINE"),
)  # fmt: skip
_BY_NAME = {key.name: key for key in KEYS}


def known_key(name: str) -> Key:
    """Return a key. Raises `Misuse("unknown-setting")`."""
    found = _BY_NAME.get(name)
    if found is None:
        near = suggestion(name[:60], _BY_NAME)
        says = f'there is no setting "{name[:60]}"{near}'
        raise Misuse("unknown-setting", says, hint="sps config list")
    return found
