"""A card's first tab: what it asks for, and changing that."""

from __future__ import annotations

import msgspec
from markupsafe import Markup

from sps.console import problem
from sps.console.answers import Answer, Document, Moved, Raw
from sps.console.pages import card_shell
from sps.console.registry import Route, Surface
from sps.console.render.markdown import markdown
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.card import CardText
from sps.model.errors import Misuse, Stale
from sps.services.card_difference import card_difference
from sps.services.card_facts import CardFacts, card_facts, words_of
from sps.services.card_templates import TEMPLATES, CardTemplate, card_template
from sps.services.card_view import CardView, view
from sps.services.edit_card import CardChanges, check_item, edit_card
from sps.services.show_card import CardDetail, card_log, show_card
from sps.services.telling import EventView
from sps.services.why import Why, why

_FIELDS = ("title", "body", "skills", "labels", "after", "priority")


class SpecTab(msgspec.Struct, frozen=True, kw_only=True):
    """What the card asks for. `told` are the edits and remarks, newest first. `draft` is what was
    written and not saved, for a look at it (`preview`) or because the card says something else now;
    then `difference` leads from its text to the draft."""

    body: Markup
    told: list[EventView]
    editing: bool
    splitting: bool
    templates: list[CardTemplate]
    template: CardTemplate | None = None
    draft: Edit | None = None
    preview: Markup | None = None
    difference: list[str] = []


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`edit=1` opens the form, with `template` a beginning in it; `split=1` the one for parts."""

    edit: bool = False
    split: bool = False
    template: str = ""


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A change of a card's text; what is absent stays. `version` is the card's number of writes,
    `words` the name of its text, as the writer saw it: another text by now is a conflict. `whole`:
    what is absent is emptied, as a form means it. `preview`: nothing is saved, the draft is shown.
    Lists may be written with commas."""

    title: str | None = None
    body: str | None = None
    skills: list[str] | None = None
    labels: list[str] | None = None
    after: list[int | str] | None = None
    priority: int | None = None
    version: int | None = None
    words: str = ""
    whole: bool = False
    preview: bool = False


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An item of the checklist. `text`: what it said when it was read."""

    item: int
    done: bool = False
    text: str | None = None


class Conflict(problem.Problem, frozen=True, kw_only=True):
    """A card that says something else by now. `difference` leads from its text to the one sent."""

    version: int
    words: str
    difference: str


def spec_page(visit: Visit) -> Answer:
    """Show what the card asks for."""
    cursor = card_shell.cursor(visit)
    may = visit.may("operator")
    tab = _tab(visit, editing=visit.query.edit and may, splitting=visit.query.split and may)
    return card_shell.page(visit, "spec", tab, cursor=cursor)


def document(visit: Visit) -> Answer:
    """Give a card as a document."""
    return Document(value=show_card(visit.world, *card_shell.where(visit)))


def facts_document(visit: Visit) -> Answer:
    """Give where a card stands, its cost and what may be done with it."""
    return Document(value=card_facts(visit.world, *card_shell.where(visit)))


def why_document(visit: Visit) -> Answer:
    """Explain where a card stands."""
    return Document(value=why(visit.world, *card_shell.where(visit)))


def edit(visit: Visit) -> Answer:
    """Change a card's text; on a conflict show the difference, for a preview the draft."""
    project, seq = card_shell.where(visit)
    cursor = card_shell.cursor(visit)
    if visit.body.preview:
        tab = _tab(visit, editing=True, draft=visit.body)
        return card_shell.page(visit, "spec", tab, cursor=cursor)
    try:
        _edited(visit)
    except Stale:
        tab = _tab(visit, editing=True, draft=visit.body)
        return card_shell.page(visit, "spec", tab, cursor=cursor, status=409)
    return Moved(to=f"/p/{project}/c/{seq}")


def edit_document(visit: Visit) -> Answer:
    """Change a card's text and give the card back; a conflict carries the difference."""
    try:
        return Document(value=_edited(visit))
    except Stale as error:
        project, seq = card_shell.where(visit)
        facts = card_facts(visit.world, project, seq)
        card = show_card(visit.world, project, seq)
        said = problem.of(error, "")
        made = Conflict(
            **msgspec.structs.asdict(said), version=facts.version, words=facts.words,
            difference="\n".join(difference(card, visit.body)),
        )  # fmt: skip
        return Raw(content=msgspec.json.encode(made), kind=problem.KIND, status=409)


def check(visit: Visit) -> Answer:
    """Tick an item of the checklist, or take the tick away."""
    project, seq = card_shell.where(visit)
    _checked(visit)
    return Moved(to=f"/p/{project}/c/{seq}")


def check_document(visit: Visit) -> Answer:
    """Tick an item and give the card back."""
    return Document(value=_checked(visit))


def difference(card: CardDetail, wanted: Edit) -> list[str]:
    """Return the lines that lead from the card's text to the wanted one."""
    sent = changes_of(wanted)
    given = {name: getattr(sent, name) for name in _FIELDS if getattr(sent, name) is not None}
    return card_difference(card, msgspec.structs.replace(card, **given))


def changes_of(wanted: Edit) -> CardChanges:
    """Return the changes that a form or a document asks for. Raises `Misuse("bad-field")`."""
    empty = () if wanted.whole else None
    after = _words(map(str, wanted.after or ()))
    if not all(word.isascii() and word.isdigit() and len(word) < 10 for word in after):
        raise Misuse("bad-field", "cards to wait for are named by their numbers")
    body = wanted.body if wanted.body is not None or not wanted.whole else ""
    priority = wanted.priority if wanted.priority is not None or not wanted.whole else 0
    return CardChanges(
        title=wanted.title.strip() if wanted.title is not None else None,
        body=body.replace("\r\n", "\n") if body is not None else None,
        priority=priority,
        skills=_words(wanted.skills) if wanted.skills is not None else empty,
        labels=_words(wanted.labels) if wanted.labels is not None else empty,
        after=tuple(map(int, after)) if wanted.after is not None else empty,
    )


def _edited(visit: Visit) -> CardView:
    project, seq = card_shell.where(visit)
    wanted: Edit = visit.body
    words = wanted.words
    version = _version(visit)
    if version is not None and not words:
        facts = card_facts(visit.world, project, seq)
        if facts.version != version:
            raise Stale(f"card {seq} was changed meanwhile")
        words = facts.words

    def seen(text: CardText) -> bool:
        return not words or words_of(text) == words

    return view(edit_card(visit.world, project, seq, changes_of(wanted), seen=seen))


def _version(visit: Visit) -> int | None:
    given = visit.headers.get("if-match", "").strip().strip('"')
    if not given:
        version: int | None = visit.body.version
        return version
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise Stale("If-Match names no version of a card")
    return int(given)


def _checked(visit: Visit) -> CardView:
    project, seq = card_shell.where(visit)
    wanted: Check = visit.body
    items = show_card(visit.world, project, seq).checklist
    now = next((one.text for one in items if one.number == wanted.item), None)
    if wanted.text is not None and now is not None and now.strip() != wanted.text.strip():
        raise Stale(f"item {wanted.item} of card {seq} is another one now")
    return view(check_item(visit.world, project, seq, wanted.item, done=wanted.done))


def _tab(
    visit: Visit, *, editing: bool, splitting: bool = False, draft: Edit | None = None
) -> SpecTab:
    project, seq = card_shell.where(visit)
    card = show_card(visit.world, project, seq)
    told = card_log(visit.world, project, seq) if card.id is not None else []
    return SpecTab(
        body=markdown(card.body),
        told=[e for e in reversed(told) if e.kind in ("card.edited", "card.commented")][:50],
        editing=editing,
        splitting=splitting,
        templates=list(TEMPLATES),
        template=card_template(getattr(visit.query, "template", "")),
        draft=draft,
        preview=markdown(draft.body or "") if draft is not None and draft.preview else None,
        difference=difference(card, draft) if draft is not None else [],
    )


def _words(given: object) -> tuple[str, ...]:
    assert given is not None
    parts = [part.strip() for text in given for part in str(text).split(",")]  # type: ignore[attr-defined]
    return tuple(dict.fromkeys(part for part in parts if part))


_P = "/p/{project}/c/{seq}"
_A = "/api/v1/projects/{project}/cards/{seq}"
ROUTES = (
    Route(verb="GET", path=_P, surface=Surface.PAGE, role=Role.VIEWER, handler=spec_page,
          query=Look, says="What a card asks for."),
    Route(verb="GET", path=_A, surface=Surface.API, role=Role.VIEWER, handler=document,
          answers=CardDetail, own=True, says="A card."),
    Route(verb="GET", path=_A + "/facts", surface=Surface.API, role=Role.VIEWER,
          handler=facts_document, answers=CardFacts,
          says="Where a card stands, what it cost, and what may be done with it."),
    Route(verb="GET", path=_A + "/why", surface=Surface.API, role=Role.VIEWER,
          handler=why_document, answers=Why, says="Why a card stands where it stands."),
    Route(verb="POST", path=_P + "/edit", surface=Surface.PAGE, role=Role.OPERATOR, handler=edit,
          body=Edit, says="Change what a card says."),
    Route(verb="PATCH", path=_A, surface=Surface.API, role=Role.OPERATOR, handler=edit_document,
          body=Edit, answers=CardView, says="Change what a card says; If-Match or version."),
    Route(verb="POST", path=_P + "/check", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=check, body=Check, says="Tick an item of a card's checklist."),
    Route(verb="POST", path=_A + "/check", surface=Surface.API, role=Role.OPERATOR,
          handler=check_document, body=Check, answers=CardView, own=True, says="Tick an item."),
)  # fmt: skip
