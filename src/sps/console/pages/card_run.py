"""A card's runs: what was said and done in each, as turns, live while it runs."""

from __future__ import annotations

import msgspec
from markupsafe import Markup

from sps.console.answers import Answer, Document, Moved, Page
from sps.console.pages import card_shell
from sps.console.pages.card_shell import moment
from sps.console.registry import Route, Surface
from sps.console.render.ansi import terminal
from sps.console.render.lasting import lasting
from sps.console.render.markdown import markdown
from sps.console.visit import Visit
from sps.lib.terminal import clean
from sps.model.access import Role
from sps.services.card_facts import RunFact, card_facts
from sps.services.search_transcript import Hit, search_transcript, turn_offset
from sps.services.transcript import Entry, TranscriptPart, diagnostics, transcript

_SILENT_MS = 60_000
_FAILED = ("failed", "cancelled")


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which run, and from which byte of its transcript on; `part=1` for turns alone. `turn`: the
    byte at which a turn begins that has to be there; `find`: words to look for in all of it."""

    run: str = ""
    offset: int | None = None
    turn: int | None = None
    find: str = ""
    part: bool = False


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A turn, or a tool call on one line. `kind`: prompt, told, said, thought, tool, refused, note,
    end.
    `id` is the byte at which it begins."""

    id: int
    kind: str
    at: str
    title: str = ""
    name: str = ""  #: the kind of tool
    status: str = ""
    took: str = ""
    text: Markup = Markup("")
    open: bool = False


class Turns(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a run. `silent` says since when its agent said nothing, if that is long."""

    run: str
    blocks: list[Block]
    start: int
    next: int
    more: int  #: where to read on, 0 when this is all there is
    live: bool
    silent: str
    asks: str  #: the question that the agent's last words are


class RunTab(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of a card, oldest first, and one of them."""

    runs: list[RunFact]
    shown: RunFact | None
    turns: Turns | None
    latest: str
    errors: Markup
    find: str
    hits: list[Hit]


class RunDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of a card, oldest first."""

    runs: list[RunFact]


def run_page(visit: Visit) -> Answer:
    """Show a run's transcript; with `part`, the turns alone."""
    project, seq = card_shell.where(visit)
    query: Wanted = visit.query
    if query.part:
        part = transcript(visit.world, project, seq, query.run, offset=query.offset or 0)
        return Page(template="card_turns.html", title="Run", model=_turns(part, _now(visit)))
    cursor = card_shell.cursor(visit)
    shell = card_shell.shell(visit, "run", None)
    runs = shell.facts.runs if shell.facts else []
    wanted = query.run or (runs[-1].id if runs else "")
    shown = next((run for run in runs if run.id == wanted), None)
    turns, errors, hits = None, Markup(""), []
    if query.run or shown is not None:
        turns = _turns(_part(visit, wanted), _now(visit))
        errors = terminal(diagnostics(visit.world, project, seq, wanted))
        hits = search_transcript(visit.world, project, seq, wanted, query.find)
    tab = RunTab(
        runs=runs, shown=shown, turns=turns, latest=runs[-1].id if runs else "", errors=errors,
        find=query.find, hits=hits,
    )  # fmt: skip
    return card_shell.page(visit, "run", tab, cursor=cursor)


def _part(visit: Visit, run: str) -> TranscriptPart:
    """Return the end of a transcript, or from where it was asked for; a turn that is wanted and
    stands before the end is where it begins."""
    where, query = card_shell.where(visit), visit.query
    part = transcript(visit.world, *where, run, offset=query.offset)
    if query.turn is not None and query.offset is None and query.turn < part.start:
        return transcript(visit.world, *where, run, offset=query.turn)
    return part


def turn_at(visit: Visit) -> Answer:
    """Go to the turn of a run that something happened in at a time."""
    project, seq = card_shell.where(visit)
    query: At = visit.query
    turn = turn_offset(visit.world, project, seq, query.run, at=query.time, call=query.call)
    return Moved(to=f"/p/{project}/c/{seq}/run?run={query.run}&turn={turn}#t{turn}")


def runs_document(visit: Visit) -> Answer:
    """List a card's runs."""
    return Document(value=RunDocument(runs=card_facts(visit.world, *card_shell.where(visit)).runs))


def transcript_document(visit: Visit) -> Answer:
    """Give a stretch of a run's transcript."""
    project, seq = card_shell.where(visit)
    found = transcript(visit.world, project, seq, visit.path["run"], offset=visit.query.offset)
    return Document(value=found)


def search_document(visit: Visit) -> Answer:
    """Find words in a run's transcript."""
    project, seq = card_shell.where(visit)
    run, words = visit.path["run"], visit.query.words
    return Document(value=Found(hits=search_transcript(visit.world, project, seq, run, words)))


class Find(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words to find, in any case of letters."""

    words: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Where they stand, in the order of the transcript."""

    hits: list[Hit]


class At(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A run, and a time in milliseconds; `call` names a tool call of that time."""

    run: str
    time: int
    call: str = ""


class From(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which byte on; without one, the end."""

    offset: int | None = None


def blocks(entries: list[Entry]) -> list[Block]:
    """Put entries together: the beginning and the end of a tool call are one block."""
    made: list[Block] = []
    begun: dict[str, int] = {}
    prompted = any(one.kind == "prompt" and one.offset for one in entries[:1])
    for one in entries:
        if one.kind == "tool":
            known = begun.get(one.call)
            if known is not None:
                made[known] = _tool(one, made[known], began=_at(entries, one.call))
                continue
            begun[one.call] = len(made)
            made.append(_tool(one, None))
            continue
        block = _block(one, first=not prompted)
        prompted = prompted or one.kind == "prompt"
        if block is not None:
            made.append(block)
    return made


def _at(entries: list[Entry], call: str) -> int:
    return next(one.at for one in entries if one.kind == "tool" and one.call == call)


def _tool(one: Entry, before: Block | None, *, began: int = 0) -> Block:
    failed = one.status in _FAILED
    output = terminal(one.output) if one.output else (before.text if before else Markup(""))
    took = lasting(one.at - began) if before and began and one.at >= began else ""
    return Block(
        id=before.id if before else one.offset, kind="tool",
        at=before.at if before else moment(one.at),
        title=clean(one.title) or (before.title if before else "") or "tool",
        name=clean(one.tool) or (before.name if before else ""),
        status=clean(one.status), took=took, text=output, open=failed,
    )  # fmt: skip


def _block(one: Entry, *, first: bool) -> Block | None:
    at = moment(one.at)
    if one.kind == "prompt":
        kind = "prompt" if first and one.offset == 0 else "told"
        return Block(id=one.offset, kind=kind, at=at, text=markdown(one.text))
    if one.kind == "thought":
        return Block(id=one.offset, kind="thought", at=at, text=markdown(one.text))
    if one.kind == "said":
        return Block(id=one.offset, kind="said", at=at, text=markdown(one.text))
    if one.kind == "permission":
        if one.decision == "allow":
            return None
        place = f" {clean(one.path)}" if one.path else ""
        return Block(id=one.offset, kind="refused", at=at, title=clean(one.title) + place,
                     name=clean(one.rule), status="rejected")  # fmt: skip
    if one.kind == "note":
        return Block(id=one.offset, kind="note", at=at, title=clean(one.text))
    if one.kind == "end":
        return Block(id=one.offset, kind="end", at=at, title=clean(one.text),
                     status=clean(one.outcome))  # fmt: skip
    return None


def _turns(part: TranscriptPart, now: int) -> Turns:
    last = max((one.at for one in part.entries), default=0)
    quiet = part.live and last and now - last > _SILENT_MS
    return Turns(
        run=part.run, blocks=blocks(part.entries), start=part.start, next=part.next,
        more=part.end if part.end < part.size and not part.live else 0, live=part.live,
        silent=moment(last) if quiet else "", asks=_question(part.entries),
    )  # fmt: skip


def _question(entries: list[Entry]) -> str:
    """Return the end of the agent's last words when they ask for something."""
    said = [one for one in entries if one.kind in ("said", "prompt", "tool")]
    words = clean(said[-1].text).strip() if said and said[-1].kind == "said" else ""
    return words.split("\n")[-1][-300:] if words.endswith(("?", "？")) else ""


def _now(visit: Visit) -> int:
    return visit.world.clock.now()


_P = "/p/{project}/c/{seq}/run"
_A = "/api/v1/projects/{project}/cards/{seq}/run"
ROUTES = (
    Route(verb="GET", path=_P, surface=Surface.PAGE, role=Role.VIEWER, handler=run_page,
          query=Wanted, says="What was said and done in a card's runs."),
    Route(verb="GET", path=_P + "/at", surface=Surface.PAGE, role=Role.VIEWER, handler=turn_at,
          query=At, says="The turn of a run at a time."),
    Route(verb="GET", path=_A, surface=Surface.API, role=Role.VIEWER, handler=runs_document,
          answers=RunDocument, says="A card's runs."),
    Route(verb="GET", path=_A + "/{run}", surface=Surface.API, role=Role.VIEWER,
          handler=transcript_document, query=From, answers=TranscriptPart,
          says="A stretch of a run's transcript, by byte offset."),
    Route(verb="GET", path=_A + "/{run}/search", surface=Surface.API, role=Role.VIEWER,
          handler=search_document, query=Find, answers=Found,
          says="Where words stand in a run's transcript."),
)  # fmt: skip
