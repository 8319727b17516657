"""The skills: what there is, what each says and checks, where it is used, and changing all that."""

from __future__ import annotations

import logging
from urllib.parse import quote, urlencode

import msgspec
from markupsafe import Markup

from sps.console.answers import Answer, Document, Moved, Page
from sps.console.registry import Route, Surface
from sps.console.render.markdown import markdown
from sps.console.skill_book import book
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.errors import Misuse, WorkFailed
from sps.model.skills.finding import LintFinding, LintSeverity
from sps.ports.skill_store import Installed
from sps.services.card_view import CardView, view
from sps.services.skill_ledger import SkillAccount
from sps.services.skills import enable, freeze, remove
from sps.services.skills.add import Adding, add_skills
from sps.services.skills.at_project import home_scope, project_scope
from sps.services.skills.library import STATES, Library, library
from sps.services.skills.outcome import Outcome, Outcomes
from sps.services.skills.reading import SkillPage, read_skill
from sps.services.skills.trust import to_trust
from sps.services.skills.trust import trust as give_trust
from sps.services.skills.uses import SkillUse, try_on, uses

_audit = logging.getLogger("sps.audit")
TIERS = ("own", "store", "bundled")


class SkillsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which skills: of a state, of a tier, with a text."""

    state: str = "all"
    tier: str = ""
    text: str = ""

    def address(self, **more: str) -> str:
        """Return the query of an address that means the same, and more."""
        said = {"state": self.state, "tier": self.tier, "text": self.text, **more}
        return urlencode({k: v for k, v in said.items() if v not in ("", "all")})


class SkillQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which one, where several have the name: as source or source//path."""

    source: str = ""


class Trust(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The digest that was looked at; `commands`: its checks may run commands too."""

    digest: str
    source: str = ""
    commands: bool = False


class Switch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Enable or disable: in a project's repository, or without one in the whole home."""

    on: bool
    source: str = ""
    project: str = ""


class InProject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project; `source` says which skill, where several have the name."""

    project: str
    source: str = ""


class Unfreeze(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project; with `discard` edits go to the trash."""

    project: str
    discard: bool = False


class TryOn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A card to give the skill to."""

    project: str
    card: int
    source: str = ""


class SkillsView(msgspec.Struct, frozen=True, kw_only=True):
    """What the list shows."""

    wanted: SkillsQuery
    library: Library
    states: tuple[str, ...] = STATES
    tiers: tuple[str, ...] = TIERS


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A text of the skill, rendered."""

    path: str
    html: Markup


class SkillView(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader shows."""

    skill: SkillPage
    body: Markup
    references: list[Told]
    history: list[SkillAccount]
    source: str
    uses: list[SkillUse]

    @property
    def broken(self) -> list[LintFinding]:
        """What keeps it from being read as it is meant."""
        return [one for one in self.skill.shown.lint if one.severity is LintSeverity.ERROR]


def skills_page(visit: Visit) -> Answer:
    """Show the skills of this home."""
    model = SkillsView(wanted=visit.query, library=_library(visit))
    return Page(template="skills.html", title="Skills", model=model, here="skills")


def skills_document(visit: Visit) -> Answer:
    """List the skills of this home."""
    return Document(value=_library(visit))


def _library(visit: Visit) -> Library:
    wanted: SkillsQuery = visit.query
    if wanted.state not in STATES or wanted.tier not in ("", *TIERS):
        raise Misuse("bad-filter", "there is no such state or tier of skills")
    accounts = book(visit.world).accounts(visit.world)
    return library(visit.world, accounts, state=wanted.state, text=wanted.text, source=wanted.tier)


def skill_page(visit: Visit) -> Answer:
    """Show a skill: its text, its checks, where it is used."""
    found = _skill(visit)
    name = found.shown.record.name
    model = SkillView(
        skill=found,
        body=markdown(found.body),
        references=[Told(path=one.path, html=markdown(one.text)) for one in found.references],
        history=[one for one in book(visit.world).accounts(visit.world) if one.name == name],
        uses=_uses(visit, name),
        source=f"{found.shown.record.source}//{found.shown.record.path}",
    )
    return Page(template="skill.html", title=name, model=model, here="skills")


def _uses(visit: Visit, name: str) -> list[SkillUse]:
    return uses(visit.world, name, book(visit.world).had(visit.world, name))


def skill_document(visit: Visit) -> Answer:
    """Give a skill."""
    return Document(value=_skill(visit))


def _skill(visit: Visit) -> SkillPage:
    wanted: SkillQuery = visit.query
    return read_skill(visit.world, visit.path["name"], wanted.source or None)


def trust(visit: Visit) -> Answer:
    """Trust a skill at the digest that was looked at."""
    _trusted(visit)
    return back(visit)


def trust_document(visit: Visit) -> Answer:
    """Trust a skill at the digest that was looked at."""
    return Document(value=_trusted(visit))


def _trusted(visit: Visit) -> Installed:
    wanted: Trust = visit.body
    scope = home_scope(visit.world)
    spec = f"{visit.path['name']}@{wanted.digest}"
    record = give_trust(
        scope, to_trust(scope, spec, wanted.source or None), commands=wanted.commands
    )
    told(visit, "skill trusted", digest=record.digest, commands=record.commands)
    return record


def switch(visit: Visit) -> Answer:
    """Enable or disable a skill."""
    done(_switched(visit))
    return back(visit)


def switch_document(visit: Visit) -> Answer:
    """Enable or disable a skill, in a project's repository or in the whole home."""
    return Document(value=_switched(visit))


def _switched(visit: Visit) -> Outcomes:
    wanted: Switch = visit.body
    name = visit.path["name"]
    if wanted.project:
        scope = project_scope(visit.world, wanted.project)
        found = enable.enable_skills(scope, (name,), on=wanted.on)
    else:
        scope = home_scope(visit.world)
        one = enable.enable_in_home(scope, name, wanted.source or None, on=wanted.on)
        found = Outcomes(ok=True, repository="", skills=[one])
    told(visit, "skill enabled" if wanted.on else "skill disabled", project_=wanted.project)
    return found


def link(visit: Visit) -> Answer:
    """Link a skill into a project's repository."""
    done(_linked(visit))
    return back(visit)


def link_document(visit: Visit) -> Answer:
    """Link a skill into a project's repository."""
    return Document(value=_linked(visit))


def _linked(visit: Visit) -> Outcomes:
    wanted: InProject = visit.body
    scope = project_scope(visit.world, wanted.project)
    return add_skills(scope, (visit.path["name"],), Adding(source=wanted.source or None))


def freeze_copy(visit: Visit) -> Answer:
    """Make a skill a project's own copy."""
    done(_frozen(visit))
    return back(visit)


def freeze_document(visit: Visit) -> Answer:
    """Make a skill a project's own copy, or accept the edits of one that is."""
    return Document(value=_frozen(visit))


def _frozen(visit: Visit) -> Outcomes:
    scope = project_scope(visit.world, visit.body.project)
    return freeze.freeze_skills(scope, (visit.path["name"],))


def unfreeze(visit: Visit) -> Answer:
    """Make a project's copy a link again."""
    done(_unfrozen(visit))
    return back(visit)


def unfreeze_document(visit: Visit) -> Answer:
    """Make a project's copy a link again."""
    return Document(value=_unfrozen(visit))


def _unfrozen(visit: Visit) -> Outcomes:
    wanted: Unfreeze = visit.body
    scope = project_scope(visit.world, wanted.project)
    return freeze.unfreeze_skills(scope, (visit.path["name"],), discard=wanted.discard)


def take_out(visit: Visit) -> Answer:
    """Take a skill out of a project's repository."""
    done(_removed(visit))
    return back(visit)


def take_out_document(visit: Visit) -> Answer:
    """Take a skill out of a project's repository."""
    return Document(value=_removed(visit))


def _removed(visit: Visit) -> Outcomes:
    scope = project_scope(visit.world, visit.body.project)
    return remove.remove_skills(scope, (visit.path["name"],))


def try_skill(visit: Visit) -> Answer:
    """Give the skill to a card and show the card."""
    card = _tried(visit)
    return Moved(to=f"/p/{card.project}/c/{card.seq}")


def try_skill_document(visit: Visit) -> Answer:
    """Give the skill to a card and give the card back."""
    return Document(value=_tried(visit))


def _tried(visit: Visit) -> CardView:
    wanted: TryOn = visit.body
    return view(try_on(visit.world, wanted.project, wanted.card, visit.path["name"]))


def uses_document(visit: Visit) -> Answer:
    """List the cards that name a skill or had it."""
    return Document(value=_uses(visit, visit.path["name"]))


def done(found: Outcomes) -> None:
    """Say what a service left undone, as it says it. Raises `WorkFailed("left-undone")`."""
    left = [says for one in found.skills for says in _left(one)]
    if left:
        raise WorkFailed("left-undone", "; ".join(left))


def _left(one: Outcome) -> list[str]:
    return [f"{place or one.name}: {why}" for place, why in one.left.items()]


def back(visit: Visit) -> Moved:
    """Return to the skill's page."""
    source = getattr(visit.body, "source", "")
    query = f"?{urlencode({'source': source})}" if source else ""
    return Moved(to=f"/skills/{quote(visit.path['name'], safe='')}{query}")


def told(visit: Visit, act: str, **detail: object) -> None:
    """Note who did what to a skill."""
    _audit.info(act, extra={"skill": visit.path["name"], "grant": visit.who.id, **detail})


_W, _D = "/skills/{name}", "/api/v1/skills/{name}"
_CHANGES = (
    ("trust", trust, trust_document, Trust, Installed, "Trust a skill at one digest."),
    ("enable", switch, switch_document, Switch, Outcomes, "Enable or disable a skill."),
    ("link", link, link_document, InProject, Outcomes, "Link a skill into a repository."),
    ("freeze", freeze_copy, freeze_document, InProject, Outcomes,
     "Make a skill a repository's own copy."),
    ("unfreeze", unfreeze, unfreeze_document, Unfreeze, Outcomes, "Make a copy a link again."),
    ("remove", take_out, take_out_document, InProject, Outcomes,
     "Take a skill out of a repository."),
)  # fmt: skip
ROUTES = (
    Route(verb="GET", path="/skills", surface=Surface.PAGE, role=Role.VIEWER,
          handler=skills_page, query=SkillsQuery, says="The skills of this home."),
    Route(verb="GET", path=_W, surface=Surface.PAGE, role=Role.VIEWER, handler=skill_page,
          query=SkillQuery, says="A skill: its text, its checks, its uses."),
    Route(verb="GET", path="/api/v1/skills", surface=Surface.API, role=Role.VIEWER,
          handler=skills_document, query=SkillsQuery, answers=Library,
          says="The skills of this home."),
    Route(verb="GET", path=_D, surface=Surface.API, role=Role.VIEWER, handler=skill_document,
          query=SkillQuery, answers=SkillPage, says="A skill."),
    Route(verb="POST", path=_W + "/try", surface=Surface.PAGE, role=Role.OPERATOR,
          handler=try_skill, body=TryOn, says="Give a skill to a card."),
    Route(verb="POST", path=_D + "/try", surface=Surface.API, role=Role.OPERATOR,
          handler=try_skill_document, body=TryOn, answers=CardView, says="Give a skill to a card."),
    Route(verb="GET", path=_D + "/cards", surface=Surface.API, role=Role.VIEWER,
          handler=uses_document, answers=list[SkillUse], says="The cards of a skill."),
    *(
        Route(verb="POST", path=f"{_W}/{verb}", surface=Surface.PAGE, role=Role.ADMIN,
              handler=form, body=body, says=says)
        for verb, form, _, body, _, says in _CHANGES
    ),
    *(
        Route(verb="POST", path=f"{_D}/{verb}", surface=Surface.API, role=Role.ADMIN,
              handler=document, body=body, answers=answers, says=says)
        for verb, _, document, body, answers, says in _CHANGES
    ),
)  # fmt: skip
