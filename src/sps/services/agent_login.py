"""Logging agents in and out: what is kept of it lies in the home, and only there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from sps.model.errors import Misuse, WorkFailed
from sps.ports.logins import LoginBy, LoginState

if TYPE_CHECKING:
    from sps.ports.agent import AgentKind
    from sps.ports.world import World

_LARGEST_KEY = 16 * 1024  # characters


class LoginView(msgspec.Struct, frozen=True, kw_only=True):
    """The login of one agent kind. `names` are of variables or files, never what they hold.
    `unused`: why what was just kept does not count; empty when it does."""

    agent: str
    ready: bool
    by: str
    names: list[str]
    says: str
    unused: str = ""


class LoggedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was removed. `still` names variables of the environment that hold a login yet."""

    agent: str
    removed: list[str]
    still: list[str]


def show_login(world: World, name: str) -> LoginView:
    """Return how an agent is logged in. Raises `Misuse("unknown-agent")`."""
    return _view(world, world.registry.kind(name))


def found_logins(world: World, name: str) -> list[str]:
    """Return the files of the owner's own login that could be imported."""
    return world.logins.found(_with_login(world, name))


def import_login(world: World, name: str) -> LoginView:
    """Copy the owner's own login into the home; his stays as it is. Raises `Misuse` with
    unknown-agent or no-login-needed, `WorkFailed("no-login-found")`."""
    kind = _with_login(world, name)
    world.logins.bring(kind)
    return _kept(_view(world, kind))


def key_variable(world: World, name: str, variable: str | None) -> str:
    """Return the variable that holds a key of this agent: the one that is named, else its first
    one. What is named wrongly may be the key itself, so it is repeated nowhere. Raises `Misuse`
    with unknown-agent, no-login-needed or unknown-key."""
    kind = _with_login(world, name)
    if not kind.keys:
        raise Misuse("unknown-key", f"{name} takes no key at all", hint=f"sps agent login {name}")
    chosen = variable or kind.keys[0]
    if chosen not in kind.keys:
        raise Misuse(
            "unknown-key",
            f"--key is followed by the name of a variable of {name} ({', '.join(kind.keys)}), and"
            " this is none of them; the key itself comes on standard input",
            hint=f"sps agent login {name} --key {kind.keys[0]} < key.txt",
        )
    return chosen


def keep_key(world: World, name: str, variable: str | None, value: str) -> LoginView:
    """Keep a key in the home, given to this agent as that variable, else as its first one. Raises
    `Misuse` with unknown-agent, no-login-needed, unknown-key or bad-key."""
    kind, chosen = _with_login(world, name), key_variable(world, name, variable)
    text = value.strip()
    if not text or not text.isprintable() or " " in text or len(text) > _LARGEST_KEY:
        raise Misuse(
            "bad-key", "a key is one word of printable characters",
            hint=f"sps agent login {name} --key {chosen} < key.txt",
        )  # fmt: skip
    world.logins.keep_key(kind, chosen, text)
    return _kept(_view(world, kind))


def vendor_login(world: World, name: str) -> LoginView:
    """Run the vendor's own login at this terminal, with a HOME of its own below the home. Raises
    `Misuse` with unknown-agent, no-login-needed or no-vendor-login, `Absent("agent-missing")`,
    `WorkFailed("login-failed")`."""
    kind = _with_login(world, name)
    if not kind.login:
        raise Misuse(
            "no-vendor-login",
            f"{name} has no login of its own: it takes a key, from a file that you make (key.txt)",
            hint=f"sps agent login {name} --key {kind.keys[0]} < key.txt",
        )  # fmt: skip
    code = world.logins.vendor(kind)
    shown = _view(world, kind)
    if code != 0 or not shown.ready:
        says = f"{' '.join(kind.login)} ended with exit code {code}"
        reason = says if code else f"{says}, and left none of: {', '.join(kind.login_files)}"
        raise WorkFailed("login-failed", reason, hint=f"sps agent login {name}")
    return _kept(shown)


def logout(world: World, name: str) -> LoggedOut:
    """Remove all that this home keeps of an agent's login. Raises `Misuse("unknown-agent")`."""
    kind = world.registry.kind(name)
    removed = world.logins.forget(kind)
    state = world.logins.state(kind)
    still = list(state.names) if state.by is LoginBy.VARIABLE else []
    return LoggedOut(agent=name, removed=removed, still=still)


def login_words(state: LoginState) -> str:
    """Return a state in words."""
    names = ", ".join(state.names)
    match state.by:
        case LoginBy.NOTHING_NEEDED:
            return "no login needed"
        case LoginBy.VARIABLE:
            return f"logged in by the variable {names}"
        case LoginBy.KEY:
            return f"logged in by the kept key {names}"
        case LoginBy.FILE:
            return f"logged in by {names}{_until(state.expires_at)}"
    return "not logged in"


def _until(moment: int) -> str:
    if not moment:
        return ""
    when = datetime.fromtimestamp(moment / 1000, UTC)
    return f", to be renewed at {when:%Y-%m-%d %H:%M} UTC"


def _with_login(world: World, name: str) -> AgentKind:
    kind = world.registry.kind(name)
    if not kind.keys and not kind.login_files:
        raise Misuse("no-login-needed", f"{name} needs no login", hint="sps agent list")
    return kind


def _kept(shown: LoginView) -> LoginView:
    """Say so where a variable comes first."""
    if shown.by != LoginBy.VARIABLE.value:
        return shown
    says = (
        f"it is kept, and not used: {', '.join(shown.names)} counts first, in the environment or"
        f" in its entry (unset {' '.join(shown.names)}; start a daemon again without it)"
    )
    return msgspec.structs.replace(shown, unused=says)


def _view(world: World, kind: AgentKind) -> LoginView:
    state = world.logins.state(kind)
    return LoginView(
        agent=kind.name,
        ready=state.ready,
        by=state.by.value,
        names=list(state.names),
        says=login_words(state),
    )
