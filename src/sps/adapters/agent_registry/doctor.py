"""Whether an agent can be started on this machine, found out without starting a session."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from sps.adapters.agent_registry.conflicts import misfit, unlisted
from sps.adapters.agent_registry.namesake import namesake, path_of, program_of
from sps.lib import by_hand, process
from sps.lib.placeholder import fill
from sps.lib.terminal import clean
from sps.ports.agent import AgentDoctor, AgentKind

_TIMEOUT = 10.0
_NODE = "install a newer Node from https://nodejs.org, or with nvm: nvm install --lts"
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?(?:[-+.][0-9A-Za-z.+-]{1,40})?")


def examine(kind: AgentKind, entries: Path) -> AgentDoctor:
    """Look for the program, ask it for its version (10 s at most, in an empty home), compare.
    `entries` is the owner's file of them."""
    program, path = (fill(kind.command)[0] if kind.command else ""), path_of(kind)
    bring = kind.install or by_hand.edit(entries)  # an entry of the owner's may name no install
    if program_of(kind) is None:
        says = f"{program or 'its program'} was not found on PATH"
        return AgentDoctor(name=kind.name, ok=False, cause=says, command=bring)
    gone = [
        word for word in fill(kind.command) if word.startswith("/") and not os.path.exists(word)
    ]
    if gone:
        return AgentDoctor(
            name=kind.name, ok=False, cause=f"{gone[0]} does not exist", command=bring
        )
    if other := namesake(kind):
        return AgentDoctor(
            name=kind.name,
            ok=False,
            cause=f"the {program} here is that of {other}, not the one of {kind.name}",
            command=f"sps project set PROJECT --agent {other}",
            instead=other,
        )
    if wrong := misfit(kind) or unlisted(kind):
        return AgentDoctor(name=kind.name, ok=False, cause=wrong, command=by_hand.edit(entries))
    if kind.node and (old := _old_node(kind, path)):
        return AgentDoctor(name=kind.name, ok=False, cause=old, command=_NODE)
    if not kind.probe:
        cause = _joined(_usage(kind), _network(kind))
        return AgentDoctor(name=kind.name, ok=True, version=kind.version, cause=cause)
    version, trouble = _ask(kind, path)
    if trouble:
        return AgentDoctor(name=kind.name, ok=False, cause=trouble, command=kind.install)
    difference = _difference(kind, version)
    return AgentDoctor(
        name=kind.name,
        ok=True,
        version=version,
        cause=_joined(difference, _usage(kind), _network(kind)),
        command=kind.install if difference else "",
    )


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _old_node(kind: AgentKind, path: str) -> str:
    """Say that the Node on PATH is too old for this agent, if it is."""
    if shutil.which("node", path=path) is None:
        return f"it needs Node {kind.node} or newer, and there is none on PATH"
    version, trouble = _ask(kind, path, ("node", "--version"))
    major = version.partition(".")[0]
    if trouble or (major.isdigit() and int(major) >= kind.node):
        return trouble
    return f"it needs Node {kind.node} or newer, and {version or 'an unknown one'} is on PATH"


def _network(kind: AgentKind) -> str:
    if kind.proxy:
        return ""
    return "it asks no proxy: in the sandbox it reaches nothing beyond this machine"


def _ask(kind: AgentKind, path: str, argv: tuple[str, ...] = ()) -> tuple[str, str]:
    """Return (version, trouble), one of them empty or both."""
    argv = argv or fill(kind.probe)
    # Asking must change nothing, so the program meets no configuration of its owner's.
    with tempfile.TemporaryDirectory(prefix="sps-", ignore_cleanup_errors=True) as home:
        env = {
            "PATH": path,
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "TERM": "dumb",
            "TMPDIR": home,
            **{name: value.replace("{home}", home) for name, value in kind.env.items()},
            "HOME": home,
        }
        for name in kind.files:
            # The files themselves are for sessions, but some programs want their folder to exist.
            os.makedirs(os.path.join(home, os.path.dirname(name)), exist_ok=True)
        try:
            ended = process.run(argv, env=env, cwd=home, timeout=_TIMEOUT)
        except OSError as err:
            return "", f"{argv[0]} does not start: {err.strerror}"
    if ended.timed_out:
        return "", f"{argv[0]} did not say its version within {_TIMEOUT:g} s"
    said = clean(f"{_words(ended.out)}\n{_words(ended.err)}")
    if ended.code != 0:
        return "", f"{argv[0]} ends with exit code {ended.code}: {_reason(said)[:200]}"
    match = _VERSION.search(said)
    return (match.group() if match else ""), ""


def _reason(said: str) -> str:
    """Return the line that says what is wrong; many a program warns of other things first."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    others = [line for line in lines if not line.lower().startswith("warn")]
    return next(iter((*errors, *others, *lines)), "no message")


def _words(out: bytes) -> str:
    return out[:4096].decode(errors="replace")


def _difference(kind: AgentKind, version: str) -> str:
    if not kind.version or version == kind.version:
        return ""
    if not version:
        return f"it does not say its version; {kind.version} was tested"
    says = f"version {version} is installed, {kind.version} was tested"
    # Under an old Node, npm silently takes the newest version that still runs there.
    return f"{says} (an old Node gets old versions)" if "npm" in kind.install else says


def _usage(kind: AgentKind) -> str:
    return "" if kind.reports_usage else "it reports no usage: only time and turns bound it"
