"""A pipeline: which stages a card goes through, what judges it and where it lands."""

from __future__ import annotations

from enum import StrEnum

import msgspec

COLUMNS = {
    "planning": "Planning",
    "backlog": "Backlog",
    "ready": "Todo",
    "active": "Inprogress",
    "review": "QA",
    "done": "Done",
}


class StageKind(StrEnum):
    """A stage changes the work, or judges it."""

    WORK = "work"
    REVIEW = "review"


class Approve(StrEnum):
    """Who has to agree in a review stage."""

    NONE = "none"
    AGENT = "agent"
    PERSON = "person"


class LandMode(StrEnum):
    """How the work reaches the target branch."""

    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"
    NONE = "none"  #: the work stays on its ref in the vault
    PULL_REQUEST = "pull-request"


class LandTarget(StrEnum):
    """Which repository is the landing target."""

    REPO = "repo"
    ORIGIN = "origin"


class SandboxMode(StrEnum):
    """`auto` refuses to run without a working sandbox; `none` is the owner's own word."""

    AUTO = "auto"
    NONE = "none"


class OnFail(msgspec.Struct, frozen=True, kw_only=True):
    """What else happens when a card ends in `needs_human`."""

    label: str | None = None
    halt: bool = False


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage. Times are seconds."""

    name: str
    kind: StageKind = StageKind.WORK
    agent: str | None = None  #: a name, or several with commas between: one after the other
    model: str | None = None
    effort: str | None = None
    profile: str | None = None
    skills: tuple[str, ...] = ()
    timeout: float = 7200.0
    idle_timeout: float = 900.0
    attempts: int = 3
    on_fail: str | None = None  #: review: the work stage that gets the comments
    approve: Approve = Approve.NONE
    column: str | None = None  #: where its cards stand; None is the column of their state
    waits: str | None = None  #: the column of cards that wait for this stage to begin
    wishes: tuple[str, ...] = ()  #: skills that are given where the home has them
    fallout: OnFail | None = None  #: instead of the pipeline's, for a card that fails here


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """A command with a verdict on a tree, or the checks of the card's skills."""

    name: str
    run: str = ""
    skills: str | None = None  #: "block" or "warn" instead of a command
    timeout: float = 1200.0
    paths: tuple[str, ...] = ()  #: only for trees that touch these


class SetupStep(msgspec.Struct, frozen=True, kw_only=True):
    """One command of the environment's setup."""

    run: str
    timeout: float = 600.0


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """How a project's dependencies come into workspaces and gate checkouts."""

    setup: tuple[SetupStep, ...] = ()
    key: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    env: dict[str, str] = {}
    allow: tuple[str, ...] = ()


class Land(msgspec.Struct, frozen=True, kw_only=True):
    """Where and how finished work lands. `branch` None means the project's branch."""

    mode: LandMode = LandMode.MERGE
    to: LandTarget = LandTarget.REPO
    branch: str | None = None
    sign: str | None = None


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """What one card may cost over all its runs; None is unbounded. Time in seconds."""

    tokens: int | None = None
    usd: float | None = None
    time: float | None = None


class SkillsPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How a project measures its skills. `holdout` is the share of cards, from 0 to 1, whose agents
    do not get the skills' texts, so that their effect is a comparison; checks run all the same."""

    holdout: float = 0.0


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a pipeline file that has no effect, or another one than its owner may think."""

    line: int
    key: str
    says: str


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """A whole pipeline, validated: stage names are unique and references resolve."""

    version: int = 1  #: 0 is a file of sps-cli
    name: str | None = None
    description: str | None = None
    columns: dict[str, str] = msgspec.field(default_factory=lambda: dict(COLUMNS))
    agent: str | None = None
    model: str | None = None
    effort: str | None = None
    workers: int = 3
    stages: tuple[Stage, ...] = (Stage(name="develop"),)
    gates: tuple[Gate, ...] = ()
    environment: Environment = Environment()
    sandbox: SandboxMode = SandboxMode.AUTO
    land: Land = Land()
    on_fail: OnFail = OnFail()
    budget: Budget = Budget()
    skills: SkillsPolicy = SkillsPolicy()
    git: bool = True  #: whether agents are told of branches and commits
    notes: tuple[Note, ...] = ()

    def on_fail_of(self, stage: str) -> OnFail:
        """Return what else happens when a card fails in a stage."""
        found = self.stage(stage)
        return self.on_fail if found is None or found.fallout is None else found.fallout

    @property
    def work_stages(self) -> tuple[Stage, ...]:
        """The stages that change the work, in order; never empty."""
        return tuple(stage for stage in self.stages if stage.kind is StageKind.WORK)

    @property
    def review_stages(self) -> tuple[Stage, ...]:
        """The stages that judge the work, in order; run after the gates."""
        return tuple(stage for stage in self.stages if stage.kind is StageKind.REVIEW)

    def stage(self, name: str) -> Stage | None:
        """Return the stage of that name, if there is one."""
        return next((stage for stage in self.stages if stage.name == name), None)
