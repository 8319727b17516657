"""What was behind a session that did not end well, and the one command that helps."""

from __future__ import annotations

from pathlib import Path

import msgspec

from sps.adapters.agent_acp.places import places
from sps.lib import by_hand
from sps.model.destination import named_in
from sps.model.pipeline import SandboxMode
from sps.model.reason import AGENT_MISCONFIGURED, LOGIN_REFUSED, VENDOR_UNREACHABLE
from sps.model.run import Outcome
from sps.ports.agent import AgentJob, AgentKind, AgentReport
from sps.ports.egress import Traffic
from sps.ports.logins import LoginBy, LoginState

_OF_NETWORK = frozenset(
    {Outcome.FAILED, Outcome.CRASHED, Outcome.PROTOCOL, Outcome.TIMEOUT, Outcome.IDLE}
)
_NAMED = 3  # hosts


def explained(
    report: AgentReport, job: AgentJob, traffic: Traffic, login: LoginState, entries: Path
) -> AgentReport:
    """Return the report with the cause that only the way out or the login knows, and with what to
    type. `entries` is the owner's file of agents."""
    report = _with_cause(report, job, traffic)
    if report.code == LOGIN_REFUSED and login.by is LoginBy.VARIABLE:
        return _of_variable(report, job.kind, login.names, entries)
    return _with_command(report, job.kind, entries)


def _with_cause(report: AgentReport, job: AgentJob, traffic: Traffic) -> AgentReport:
    """An agent that could not reach its vendor calls that a failure of its own."""
    if report.outcome not in _OF_NETWORK or job.sandbox is SandboxMode.NONE:
        return report
    if report.outcome is Outcome.TIMEOUT and traffic.reached:  # it worked, and too long
        return report
    kind, refused = job.kind, traffic.refused
    if traffic.silent:
        hosts = _listed([f"{place} ({why})" for place, why in traffic.silent.items()])
        return _instead(report, Outcome.CRASHED, VENDOR_UNREACHABLE, f"could not reach {hosts}")
    if not refused and not traffic.reached:
        refused = _left_out(report.detail, job)
    if not refused:
        return report
    says = (
        f"asked for {_listed(list(refused))}, which `hosts` of {kind.name} in agents.yaml"
        " does not name"
    )
    if traffic.reached:  # then it may have failed for another reason
        return msgspec.structs.replace(report, detail=_joined(report.detail, f"{kind.name} {says}"))
    return _instead(report, Outcome.MISSING, AGENT_MISCONFIGURED, f"{kind.name} {says}")


def _left_out(detail: str, job: AgentJob) -> tuple[str, ...]:
    """Return the places on this machine that a failed agent names and may not reach. No proxy is
    asked for these: at such an address an agent finds only its own sandbox."""
    here = [place for place in named_in(detail) if place.is_loopback]
    allowed = places(job) if here else ()
    return tuple(str(place) for place in here if place not in allowed)


def _instead(report: AgentReport, outcome: Outcome, reason: str, says: str) -> AgentReport:
    return msgspec.structs.replace(
        report, outcome=outcome, reason=reason, detail=_joined(says, report.detail)
    )


def _of_variable(
    report: AgentReport, kind: AgentKind, names: tuple[str, ...], entries: Path
) -> AgentReport:
    """A key that is kept would not count as long as there is the variable."""
    named = ", ".join(names)
    if any(name in kind.env for name in names):
        says = f"the key is {named} in the `env` of {kind.name} in agents.yaml, and counts first"
        command = by_hand.edit(entries)
    else:
        says = (
            f"the key came from the environment ({named}), which counts before a kept one: set it"
            " rightly or unset it, and start a daemon again without it"
        )
        command = f"unset {' '.join(names)}"
    return msgspec.structs.replace(report, detail=_joined(report.detail, says), next=command)


def _with_command(report: AgentReport, kind: AgentKind, entries: Path) -> AgentReport:
    command = report.next
    match report.outcome:
        case Outcome.LOGIN if report.code == LOGIN_REFUSED:
            command = f"sps agent logout {kind.name} && sps agent login {kind.name}"
            command += " --key < key.txt" if kind.keys else ""
        case Outcome.LOGIN:
            command = f"sps agent login {kind.name}"
        case Outcome.MISSING if report.code == AGENT_MISCONFIGURED:
            command = by_hand.edit(entries)
        case Outcome.MISSING:
            command = command or f"sps agent doctor {kind.name}"
    return msgspec.structs.replace(report, next=command)


def _listed(places: list[str]) -> str:
    more = len(places) - _NAMED
    return ", ".join(places[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _joined(first: str, then: str) -> str:
    return "; ".join(part for part in (first, then) if part)
