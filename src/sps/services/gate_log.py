"""The output of a gate, whole as far as it is kept."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from sps.lib.nearest import suggestion
from sps.model.errors import Misuse
from sps.services import lookup
from sps.services.transcript import read_part

if TYPE_CHECKING:
    from sps.model.card import Card
    from sps.model.verdict import GateVerdict
    from sps.ports.store import Reading
    from sps.ports.world import World

LIMIT = 512 * 1024


class GateLog(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a gate's newest output. `start` above 0: so many bytes stand before it."""

    name: str
    text: str
    start: int
    size: int


def gate_log(world: World, project: str, seq: int, name: str) -> GateLog:
    """Read the output of a gate's newest run on a card. Where the file is gone, the end that the
    verdict kept. Raises `Misuse` with unknown-card or unknown-gate."""

    def question(tx: Reading) -> tuple[Card, list[GateVerdict]]:
        card = lookup.card(tx, project, seq)
        return card, tx.gate_verdicts(card.id)

    card, verdicts = world.store.read(question)
    found = {verdict.name: verdict for verdict in verdicts}.get(name)
    if found is None:
        near = suggestion(name[:80], sorted({verdict.name for verdict in verdicts}))
        raise Misuse("unknown-gate", f"no gate {name[:80]!r} has judged this card{near}")
    folder = world.home.gate_logs(project, card.id)
    own = world.home.root / PurePosixPath(found.log)
    raw, start, size = b"", 0, 0
    if found.log and own.parent == folder and own.name not in ("", ".", ".."):
        raw, start, size = read_part(folder, own.name, None, LIMIT)
    text = raw.decode("utf-8", "replace") or found.tail
    return GateLog(name=name, text=text, start=start, size=size or len(text))
