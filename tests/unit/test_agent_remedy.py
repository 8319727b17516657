"""What the way out knows of a session that did not end well, and what to type then."""

from __future__ import annotations

from pathlib import Path

import pytest

from sps.adapters.agent_acp.remedy import explained
from sps.model.pipeline import SandboxMode
from sps.model.run import Outcome
from sps.ports.agent import AgentJob, AgentKind, AgentReport
from sps.ports.egress import Traffic
from sps.ports.logins import LoginBy, LoginState

_ENTRIES = Path("/h o/agents.yaml")
_KEPT = LoginState(by=LoginBy.KEY, names=("MINE_KEY",))
_SILENT = {"silent": {"vendor.example:443": "No route to host"}}
_REFUSED = {"refused": ("vendor.example:443",)}


def _code(outcome: Outcome, sandbox: SandboxMode = SandboxMode.AUTO, **traffic: object) -> str:
    return explained(
        AgentReport(outcome=outcome), _job(sandbox), Traffic(**traffic), _KEPT, _ENTRIES
    ).code


def _job(sandbox: SandboxMode = SandboxMode.AUTO, **kind: object) -> AgentJob:
    return AgentJob(
        run_id="r", kind=AgentKind(name="mine", keys=("MINE_KEY",), **kind), workspace="/w",
        run_dir="/r", prompt="", env={}, sandbox=sandbox, tag="t",
    )  # fmt: skip


@pytest.mark.parametrize(
    "outcome", [Outcome.FAILED, Outcome.CRASHED, Outcome.PROTOCOL, Outcome.IDLE, Outcome.TIMEOUT]
)
def test_session_without_its_vendor_did_not_fail_itself(outcome: Outcome) -> None:
    assert _code(outcome, **_SILENT) == "vendor-unreachable"
    assert _code(outcome, **_REFUSED) == "agent-misconfigured"
    assert _code(outcome) == outcome.value


@pytest.mark.parametrize(
    "outcome", [Outcome.ENDED, Outcome.REFUSED, Outcome.BUDGET, Outcome.LOGIN, Outcome.RATE_LIMIT]
)
def test_what_an_agent_says_for_certain_is_believed(outcome: Outcome) -> None:
    assert _code(outcome, **_SILENT) == _code(outcome, **_REFUSED) == outcome.value


def test_work_that_took_too_long_is_not_the_networks_fault() -> None:
    assert _code(Outcome.TIMEOUT, reached=True, **_SILENT) == "timeout"
    assert _code(Outcome.FAILED, reached=True, **_REFUSED) == "failed"


def test_without_a_sandbox_nothing_is_known_of_the_network() -> None:
    assert _code(Outcome.FAILED, SandboxMode.NONE, **_SILENT) == "failed"


@pytest.mark.parametrize(
    "by, env, command, says",
    [
        (LoginBy.VARIABLE, {}, "unset MINE_KEY", "from the environment (MINE_KEY), which counts"),
        (
            LoginBy.VARIABLE,
            {"MINE_KEY": "k"},
            "${EDITOR:-vi} '/h o/agents.yaml'",
            "`env` of mine in agents",
        ),
        (LoginBy.KEY, {}, "sps agent logout mine && sps agent login mine --key < key.txt", ""),
    ],
)
def test_refused_key_is_to_be_mended_where_it_comes_from(
    by: LoginBy, env: dict[str, str], command: str, says: str
) -> None:
    refused = AgentReport(outcome=Outcome.LOGIN, reason="login-refused", detail="401")
    login = LoginState(by=by, names=("MINE_KEY",))
    report = explained(refused, _job(env=env), Traffic(), login, _ENTRIES)
    assert (report.code, report.next) == ("login-refused", command)
    assert report.detail.startswith("401")
    assert says in report.detail
