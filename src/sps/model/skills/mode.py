"""How closely a skill is looked at."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """`spec` agrees with the reference validator, `lenient` loads what clients load, `strict` is
    what the bundled library has to fulfil."""

    SPEC = "spec"
    LENIENT = "lenient"
    STRICT = "strict"
