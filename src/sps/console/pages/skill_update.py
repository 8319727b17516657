"""A skill's newer version: shown with its risks, taken in by a word about exactly that version."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document, Page
from sps.console.pages.skills import back, done, told
from sps.console.registry import Route, Surface
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.errors import Stale, WorkFailed
from sps.model.skills.diff import SkillDiff
from sps.ports.skill_store import Installed
from sps.services.skills import update
from sps.services.skills.at_project import project_scope
from sps.services.skills.outcome import Outcomes


class UpdateQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For which project's repository."""

    project: str


class Accept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version that was looked at. What changes more than text needs `accept_risks`."""

    project: str
    digest: str
    accept_risks: bool = False
    keep_mine: bool = False


class OfferView(msgspec.Struct, frozen=True, kw_only=True):
    """A newer version, and what it would change."""

    name: str
    old: str
    record: Installed
    change: SkillDiff
    conflicts: tuple[str, ...]
    risky: bool


class UpdateView(msgspec.Struct, frozen=True, kw_only=True):
    """What there is for a skill of a project; no offer: it is up to date, or `failed` says why."""

    name: str
    project: str
    offer: OfferView | None
    failed: str

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The difference line by line, with its kind: a added, d deleted, h head, c as before."""
        text = self.offer.change.text if self.offer else ""
        return [(_kind(line), line) for line in text.split("\n")]


def update_page(visit: Visit) -> Answer:
    """Show what is newer in a skill's source, with its risks."""
    return Page(
        template="skill_update.html", title=visit.path["name"], model=_offered(visit),
        here="skills",
    )  # fmt: skip


def update_document(visit: Visit) -> Answer:
    """Give what is newer in a skill's source, with its risks."""
    return Document(value=_offered(visit))


def _offered(visit: Visit) -> UpdateView:
    name, project = visit.path["name"], visit.query.project
    found = update.offers(project_scope(visit.world, project, dry=True), (name,))
    shown = [
        OfferView(
            name=one.name, old=one.old, record=one.record, change=one.change,
            conflicts=one.conflicts, risky=one.risky,
        )
        for one in found.offers
    ]  # fmt: skip
    return UpdateView(
        name=name, project=project, offer=shown[0] if shown else None,
        failed=found.failed.get(name, ""),
    )  # fmt: skip


def accept(visit: Visit) -> Answer:
    """Take a newer version in."""
    done(_accepted(visit))
    return back(visit)


def accept_document(visit: Visit) -> Answer:
    """Take a newer version in."""
    return Document(value=_accepted(visit))


def _accepted(visit: Visit) -> Outcomes:
    wanted: Accept = visit.body
    name = visit.path["name"]
    scope = project_scope(visit.world, wanted.project)
    found = update.offers(scope, (name,))
    if not found.offers or found.offers[0].record.digest != wanted.digest:
        raise Stale(f"the newest version of {name} is not the one that you looked at")
    offer = found.offers[0]
    if offer.risky and not wanted.accept_risks:
        says = "; ".join(offer.change.risks) or f"the scan says {offer.record.verdict}"
        hint = "look at the change, then accept its risks"
        raise WorkFailed("update-risky", f"more than text would change: {says}", hint=hint)
    taken = update.accept(scope, found.offers, keep_mine=wanted.keep_mine)
    told(visit, "skill updated", digest=wanted.digest, project_=wanted.project)
    return taken


def _kind(line: str) -> str:
    if line.startswith(("+++", "---", "@@")):
        return "h"
    return {"+": "a", "-": "d"}.get(line[:1], "c")


_W, _D = "/skills/{name}/update", "/api/v1/skills/{name}/update"
_SHOWN, _TAKEN = "What is newer in a skill's source.", "Take a newer version in."
ROUTES = (
    Route(verb="GET", path=_W, surface=Surface.PAGE, role=Role.ADMIN, handler=update_page,
          query=UpdateQuery, says=_SHOWN),
    Route(verb="POST", path=_W, surface=Surface.PAGE, role=Role.ADMIN, handler=accept,
          body=Accept, says=_TAKEN),
    Route(verb="GET", path=_D, surface=Surface.API, role=Role.ADMIN, handler=update_document,
          query=UpdateQuery, answers=UpdateView, says=_SHOWN),
    Route(verb="POST", path=_D, surface=Surface.API, role=Role.ADMIN, handler=accept_document,
          body=Accept, answers=Outcomes, says=_TAKEN),
)  # fmt: skip
