"""The pipeline of a project: writing it, seeing every mistake and the difference, using it."""

from __future__ import annotations

import msgspec

from sps.console.answers import Answer, Document, Moved, Page
from sps.console.registry import Route, Surface
from sps.console.render.line_diff import Row, rows
from sps.console.visit import Visit
from sps.model.access import Role
from sps.model.errors import Absent, Misuse
from sps.ports.files import Mistake
from sps.services.edit_pipeline import Checked, InForce, check_text, in_force, put_text, trust
from sps.services.pipelines import Lint
from sps.services.trust_pipeline import Offer, offered_pipeline

_AROUND = 2


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text, and what to do with it: `check` or `use`. `seen` is the sha256 of the pipeline that
    it was compared with, `checked` that of the text that was checked."""

    text: str = ""
    act: str = "check"
    seen: str = ""
    checked: str = ""


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text to check."""

    text: str


class Use(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text to use; `seen` is the sha256 of the one that it replaces, if that matters."""

    text: str
    seen: str | None = None


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sha256 of the offer that was looked at."""

    sha256: str


class After(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`used`: the pipeline was put in force just now."""

    used: bool = False


class Line(msgspec.Struct, frozen=True):
    """A line of the text with what is wrong in it; number 0 stands for lines that are left out."""

    number: int
    text: str
    mistakes: list[Mistake]


class PipelinePage(msgspec.Struct, frozen=True, kw_only=True):
    """The editor. `checked` is None until somebody asked for a check."""

    project: str
    now: InForce
    text: str
    lint: Lint
    used: bool = False
    checked: Checked | None = None
    changed_since: bool = False
    lines: list[Line] = []
    rows: list[Row] = []


class OfferPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the repository offers, beside what is in force. `none` says that it offers nothing."""

    project: str
    offer: Offer | None = None
    rows: list[Row] = []
    none: str = ""


def pipeline_page(visit: Visit) -> Answer:
    """Show the editor with the pipeline in force."""
    now = in_force(visit.world, visit.path["project"])
    looked = check_text(visit.world, now.project, now.text)
    shown = PipelinePage(
        project=now.project,
        now=now,
        text=now.text,
        lint=looked.lint,
        used=visit.query.used,
        lines=_lines(now.text, looked.lint.mistakes),
    )
    return _page(shown)


def edit_pipeline(visit: Visit) -> Answer:
    """Check a text, or use the one that was checked."""
    draft: Draft = visit.body
    project, text = visit.path["project"], _unix(draft.text)
    if draft.act not in ("check", "use"):
        raise Misuse("bad-field", "act is check or use")
    looked = check_text(visit.world, project, text)
    fresh = draft.checked == looked.sha256 and draft.seen == looked.now.sha256
    if draft.act == "use" and looked.lint.ok and fresh:
        put_text(visit.world, project, text, draft.seen)
        return Moved(to=f"/p/{project}/pipeline?used=true")
    shown = PipelinePage(
        project=project,
        now=looked.now,
        text=text,
        lint=looked.lint,
        checked=looked,
        changed_since=draft.act == "use" and looked.lint.ok,
        lines=_lines(text, looked.lint.mistakes),
        rows=rows(looked.now.text, text),
    )
    return _page(shown)


def pipeline_document(visit: Visit) -> Answer:
    """Give the text of the pipeline in force."""
    return Document(value=in_force(visit.world, visit.path["project"]))


def check_document(visit: Visit) -> Answer:
    """Find every mistake of a text; nothing is changed."""
    return Document(value=check_text(visit.world, visit.path["project"], visit.body.text))


def use_document(visit: Visit) -> Answer:
    """Put a text in force."""
    wanted: Use = visit.body
    return Document(value=put_text(visit.world, visit.path["project"], wanted.text, wanted.seen))


def offer_page(visit: Visit) -> Answer:
    """Show what the repository offers, and the difference."""
    project = visit.path["project"]
    now = in_force(visit.world, project)
    try:
        offer = offered_pipeline(visit.world, project)
    except Absent as err:
        if err.code != "no-pipeline-offered":
            raise
        shown = OfferPage(project=project, none=err.message)
    else:
        shown = OfferPage(project=project, offer=offer, rows=rows(now.text, offer.text))
    return Page(
        template="pipeline_offer.html", title="Pipeline of the repository", model=shown,
        here="project", project=project,
    )  # fmt: skip


def trust_offer(visit: Visit) -> Answer:
    """Put the offer in force that was looked at."""
    project = visit.path["project"]
    trust(visit.world, project, visit.body.sha256)
    return Moved(to=f"/p/{project}/pipeline?used=true")


def offer_document(visit: Visit) -> Answer:
    """Give what the repository offers."""
    return Document(value=offered_pipeline(visit.world, visit.path["project"]))


def trust_document(visit: Visit) -> Answer:
    """Put an offer in force."""
    return Document(value=trust(visit.world, visit.path["project"], visit.body.sha256))


def _page(shown: PipelinePage) -> Page:
    return Page(
        template="pipeline.html", title="Pipeline", model=shown, here="project",
        project=shown.project,
    )  # fmt: skip


def _lines(text: str, mistakes: list[Mistake]) -> list[Line]:
    """Return the lines with mistakes and two around each."""
    all_lines = text.split("\n")
    wrong = {min(max(1, one.line), len(all_lines)) for one in mistakes}
    near = {n for w in wrong for n in range(w - _AROUND, w + _AROUND + 1)}
    found: list[Line] = []
    for number, line in enumerate(all_lines, 1):
        if number not in near:
            continue
        if found and found[-1].number != number - 1:
            found.append(Line(0, "", []))
        found.append(Line(number, line, [one for one in mistakes if one.line == number]))
    return found


def _unix(text: str) -> str:
    """Return a text of a form with the ends of lines that files have."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


_P = "/p/{project}/pipeline"
_A = "/api/v1/projects/{project}/pipeline"
ROUTES = (
    Route(verb="GET", path=_P, surface=Surface.PAGE, role=Role.VIEWER, handler=pipeline_page,
          query=After, says="A project's pipeline."),
    Route(verb="POST", path=_P, surface=Surface.PAGE, role=Role.ADMIN, handler=edit_pipeline,
          body=Draft, says="Check a pipeline, or use the one that was checked."),
    Route(verb="GET", path=_P + "/offer", surface=Surface.PAGE, role=Role.ADMIN, handler=offer_page,
          says="The pipeline that the repository offers."),
    Route(verb="POST", path=_P + "/trust", surface=Surface.PAGE, role=Role.ADMIN,
          handler=trust_offer, body=Trust, says="Use the pipeline that the repository offers."),
    Route(verb="GET", path=_A, surface=Surface.API, role=Role.VIEWER, handler=pipeline_document,
          answers=InForce, says="A project's pipeline."),
    Route(verb="POST", path=_A + "/check", surface=Surface.API, role=Role.VIEWER,
          handler=check_document, body=Text, answers=Checked, says="Check a pipeline."),
    Route(verb="PUT", path=_A, surface=Surface.API, role=Role.ADMIN, handler=use_document,
          body=Use, answers=Checked, says="Put a pipeline in force."),
    Route(verb="GET", path=_A + "/offer", surface=Surface.API, role=Role.ADMIN,
          handler=offer_document, answers=Offer, says="The pipeline that the repository offers."),
    Route(verb="POST", path=_A + "/trust", surface=Surface.API, role=Role.ADMIN,
          handler=trust_document, body=Trust, answers=Offer,
          says="Use the pipeline that the repository offers."),
)  # fmt: skip
