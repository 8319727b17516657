"""What the way out knows of a session that did not end well, and what to type then."""

from __future__ import annotations

import pytest

from sps.adapters.agent_acp.remedy import explained
from sps.model.pipeline import SandboxMode
from sps.model.run import Outcome
from sps.ports.agent import AgentJob, AgentKind, AgentReport
from sps.ports.egress import Traffic

_SILENT = {"silent": {"vendor.example:443": "No route to host"}}
_REFUSED = {"refused": ("vendor.example:443",)}


def _code(outcome: Outcome, sandbox: SandboxMode = SandboxMode.AUTO, **traffic: object) -> str:
    job = AgentJob(
        run_id="r", kind=AgentKind(name="mine", keys=("MINE_KEY",)), workspace="/w", run_dir="/r",
        prompt="", env={}, sandbox=sandbox, tag="t",
    )  # fmt: skip
    return explained(AgentReport(outcome=outcome), job, Traffic(**traffic)).code


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
