"""Agents: who they are (registry) and one session with one of them."""

from __future__ import annotations

from typing import Protocol

import msgspec

from sps.model.pipeline import SandboxMode
from sps.model.run import Outcome, Usage
from sps.ports.egress import Refusal


class AgentKind(msgspec.Struct, frozen=True, kw_only=True):
    """A registry entry: how to start an agent and what is special about it. Data, not code."""

    name: str
    title: str = ""
    command: tuple[str, ...] = ()  #: argv; `{python}` and `{scripted}` are replaced
    env: dict[str, str] = {}  #: set for the agent, `{home}` is its private HOME
    pass_env: tuple[str, ...] = ()  #: names taken from the owner's environment if set
    proxy: bool = True  #: False: it asks no proxy, so it reaches nothing beyond this machine
    node: int = 0  #: the oldest Node that runs it; 0: it needs none
    keys: tuple[str, ...] = ()  #: variables any of which holds its login; secret
    auth_methods: tuple[str, ...] = ()  #: its ways to take a key, in the order they are tried
    login_files: tuple[str, ...] = ()  #: paths below HOME that hold its login
    login_expiry: tuple[str, ...] = ()  #: where in such a file stands until when it counts
    login_shared: bool = True  #: False: two sessions that renew it would undo each other's
    login: tuple[str, ...] = ()  #: argv of the vendor's login
    login_install: str = ""  #: the command that installs that, where `install` does not
    mode: str | None = None  #: session mode to select
    options: dict[str, str] = {}  #: session config options to set
    model_env: str = ""  #: variable for the model, where the session offers no choice of it
    effort_env: str = ""  #: the same for how hard it thinks
    fs: bool = False  #: offer the client's file methods
    terminal: bool = False  #: offer the client's terminals
    hosts: tuple[str, ...] = ()  #: host:port each, all that its sandbox lets it reach
    base_urls: tuple[str, ...] = ()  #: variables of `pass_env` whose address is reached as well
    files: dict[str, str] = {}  #: path below HOME -> content written before the start
    readonly: tuple[str, ...] = ()  #: install prefixes to show read-only
    probe: tuple[str, ...] = ()  #: argv that prints the version
    version: str = ""  #: version the entry was tested with
    install: str = ""  #: the command that installs it
    resume: bool = True  #: use session/load when the agent offers it
    skills: str = ".agents/skills"  #: the folder of a workspace in which it looks for skills
    reports_usage: bool = True  #: False: only time bounds it, and doctor says so


class BudgetLeft(msgspec.Struct, frozen=True, kw_only=True):
    """What the run may still use; None is unbounded."""

    tokens: int | None = None
    usd: float | None = None
    seconds: float | None = None


class AgentJob(msgspec.Struct, frozen=True, kw_only=True):
    """One session to hold. Times in seconds. `tag` marks every process of it, for the sweep."""

    run_id: str
    kind: AgentKind
    workspace: str
    run_dir: str  #: for stderr and transcript; not visible inside
    home: str = (
        ""  #: the agent's private HOME, kept over the attempts of a stage so that its sessions
    )
    #: can be taken up again; empty: a fresh one in `run_dir`
    model: str | None = None  #: None is the agent's own default
    effort: str | None = None
    prompt: str
    env: dict[str, str]
    sandbox: SandboxMode
    tag: str
    readonly: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()  #: files in these that nobody inside may read
    path: tuple[str, ...] = ()  #: folders of programs, before those of the machine
    writable: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()  #: host:port each, reached beside those of the kind
    workspace_readonly: bool = False
    timeout: float = 7200.0
    idle_timeout: float = 900.0
    session_id: str | None = None
    budget: BudgetLeft = BudgetLeft()


class AgentReport(msgspec.Struct, frozen=True, kw_only=True):
    """How the session ended. Never evidence of work: that is on disk and in git."""

    outcome: Outcome
    detail: str = ""
    text: str = ""
    usage: Usage = Usage()
    session_id: str | None = None
    retry_at: int = 0  #: milliseconds, for RATE_LIMIT; 0 unknown
    reason: str = ""  #: a reason code that says more than the outcome
    next: str = ""  #: the one command that helps, where one is known

    @property
    def code(self) -> str:
        """Why the session ended: the reason code of the card."""
        return self.reason or self.outcome.value


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """A permission request and what policy said."""

    tool: str
    path: str
    title: str
    decision: str  #: allow or reject
    rule: str


class AgentListener(Protocol):
    """Hears what happens while it happens. Calls are quick and never raise."""

    def started(self, pid: int, started: int) -> None: ...
    def session(self, session_id: str) -> None: ...
    def permission(self, permission: Permission) -> None: ...
    def refused(self, refusal: Refusal) -> None:
        """Hears of a place outside that was asked for and not reached."""
        ...

    def tool(self, call_id: str, title: str, kind: str, status: str) -> None: ...
    def said(self, text: str) -> None:
        """One whole message of the agent (chunks joined), bounded."""
        ...

    def usage(self, usage: Usage) -> None: ...
    def message(self) -> str | None:
        """Return the next follow-up message for the agent, None when there is none. Taken at the
        end of each turn; a message makes another turn."""
        ...


class AgentDoctor(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an agent kind on this machine."""

    name: str
    ok: bool
    version: str = ""
    cause: str = ""
    command: str = ""
    instead: str = ""  #: the kind whose program of the same name is here


class Agents(Protocol):
    """Holds sessions with agents."""

    async def run(self, job: AgentJob, listener: AgentListener) -> AgentReport:
        """Start, prompt, follow up, end. Cancellation cancels the session, then kills the tree;
        when this returns or raises, no process of the session is alive."""
        ...


class Registry(Protocol):
    """The agent kinds this home knows: built in, and added by its owner."""

    def kinds(self) -> list[AgentKind]: ...
    def kind(self, name: str) -> AgentKind:
        """Raise `Misuse("unknown-agent")` with the nearest name."""
        ...

    def add(self, kind: AgentKind) -> None: ...
    def remove(self, name: str) -> None:
        """Take an entry of the owner's away; without effect when there is none of that name."""
        ...

    def origin(self, name: str) -> str:
        """Return where a kind comes from: own, builtin, or nothing when there is none."""
        ...

    def namesake(self, kind: AgentKind) -> str:
        """Return the built-in kind whose program is found under the name of this one's; empty when
        it is its own, or nobody can tell. Nothing is started."""
        ...

    def doctor(self, kind: AgentKind) -> AgentDoctor: ...
