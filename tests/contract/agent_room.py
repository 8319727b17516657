"""What the tests of agents share: a listener that remembers, a clock that can hurry, a job."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from sps.adapters.agent_acp import AcpAgents
from sps.adapters.egress_proxy import ProxyEgress
from sps.adapters.logins_home import HomeLogins
from sps.adapters.sandbox_bwrap import BwrapSandbox
from sps.adapters.sandbox_none import NoSandbox
from sps.lib import proctree
from sps.model.pipeline import SandboxMode
from sps.model.run import Usage
from sps.ports.agent import AgentJob, AgentKind, AgentReport, Permission
from sps.ports.egress import Refusal
from sps.ports.sandbox import Sandbox

POLITE = Path(__file__).with_name("polite_agent.py")


@dataclass
class Remembering:
    """A listener that remembers what it heard and hands out the messages it was given."""

    messages: list[str] = field(default_factory=list)
    pids: list[tuple[int, int]] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    permissions: list[Permission] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    tools: list[tuple[str, str, str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)  #: there is a process
    met: asyncio.Event = field(default_factory=asyncio.Event)  #: there is a session
    busy: asyncio.Event = field(default_factory=asyncio.Event)  #: something was said or done

    def started(self, pid: int, started: int) -> None:
        self.pids.append((pid, started))
        self.begun.set()

    def session(self, session_id: str) -> None:
        self.sessions.append(session_id)
        self.met.set()

    def permission(self, permission: Permission) -> None:
        self.permissions.append(permission)

    def refused(self, refusal: Refusal) -> None:
        self.refusals.append(refusal)

    def tool(self, call_id: str, title: str, kind: str, status: str) -> None:
        self.tools.append((call_id, title, kind, status))
        self.busy.set()

    def said(self, text: str) -> None:
        self.words.append(text)
        self.busy.set()

    def usage(self, usage: Usage) -> None:
        self.usages.append(usage)

    def message(self) -> str | None:
        return self.messages.pop(0) if self.messages else None


class Hurry:
    """A clock on which `factor` seconds pass in each real one."""

    def __init__(self, factor: float = 1.0) -> None:
        self._factor = factor
        self._since = time.monotonic()
        self._passed = 0.0

    def speed(self, factor: float) -> None:
        """Go on at another speed."""
        self._passed, self._since = self.steady(), time.monotonic()
        self._factor = factor

    def jump(self, seconds: float) -> None:
        """Let time pass at once; who sleeps wakes no earlier."""
        self._passed += seconds

    def now(self) -> int:
        return 1_800_000_000_000

    def steady(self) -> float:
        return self._passed + (time.monotonic() - self._since) * self._factor

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._factor)


class Room:
    """A workspace, a run folder, and agents to meet there."""

    def __init__(self, tmp_path: Path, *, hurry: float = 1.0) -> None:
        self.workspace = tmp_path / "workspace"
        self.run_dir = tmp_path / "run"
        self.workspace.mkdir()
        self.clock = Hurry(hurry)
        self.listener = Remembering()
        self.tag = f"test-{tmp_path.parent.name}-{tmp_path.name}"
        self.logins = HomeLogins(tmp_path / "logins", self.clock, os.environ)
        self.entries = tmp_path / "agents.yaml"
        self.agents = AcpAgents(sandbox_for, ProxyEgress(), self.logins, self.clock, self.entries)

    def job(self, *behaviour: str, script: Path = POLITE, **changes: object) -> AgentJob:
        """A job for a test agent; `kind_...` changes the kind, the rest the job."""
        of_kind = {
            name.removeprefix("kind_"): value
            for name, value in changes.items()
            if name.startswith("kind_")
        }
        of_job = {name: value for name, value in changes.items() if not name.startswith("kind_")}
        kind = {
            "name": "polite",
            "command": ("{python}", "-I", "-S", str(script), *behaviour),
            "readonly": (str(script),),
            **of_kind,
        }
        fields = {
            "run_id": "run-1",
            "kind": AgentKind(**kind),
            "workspace": str(self.workspace),
            "run_dir": str(self.run_dir),
            "prompt": "please",
            "env": {},
            "sandbox": SandboxMode.NONE,
            "tag": self.tag,
            "timeout": 60.0,
            "idle_timeout": 60.0,
            **of_job,
        }
        return AgentJob(**fields)

    def run(self, *behaviour: str, script: Path = POLITE, **changes: object) -> AgentReport:
        """Hold a session and check that nothing of it is left."""
        job = self.job(*behaviour, script=script, **changes)
        report = asyncio.run(self.agents.run(job, self.listener))
        self.assert_empty()
        return report

    def run_late(
        self,
        *behaviour: str,
        script: Path = POLITE,
        until: str = "met",
        jump: float = 0.0,
        **changes: object,
    ) -> AgentReport:
        """Hold a session in which time hurries, or jumps once, when the agent is so far."""
        job = self.job(*behaviour, script=script, **changes)

        async def scenario() -> AgentReport:
            task = asyncio.create_task(self.agents.run(job, self.listener))
            await asyncio.wait_for(getattr(self.listener, until).wait(), 60)
            if jump:
                self.clock.jump(jump)
            else:
                self.clock.speed(100.0)
            return await task

        report = asyncio.run(scenario())
        self.assert_empty()
        return report

    def assert_empty(self) -> None:
        assert proctree.tagged("SPS_RUN", self.tag) == {}
        assert [pid for pid, _ in self.listener.pids if proctree.start_time(pid)] == []

    def transcript(self) -> str:
        return (self.run_dir / "transcript.jsonl").read_text()


def sandbox_for(mode: SandboxMode) -> Sandbox:
    return NoSandbox() if mode is SandboxMode.NONE else BwrapSandbox()
