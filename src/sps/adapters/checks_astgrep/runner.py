"""Starting the worker, and judging how it ended."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Mapping

import msgspec

from sps.adapters.checks_astgrep.child import MARK, Ended, finish, fresh_mark
from sps.adapters.checks_astgrep.commands import Commands, NotJudged, place_in
from sps.adapters.checks_astgrep.wire import AT, Answer, Due, Order
from sps.lib.terminal import clean
from sps.lib.threads import in_thread
from sps.model.errors import SpsError
from sps.model.pipeline import SandboxMode
from sps.model.skills.check import CheckFinding, CheckReport, Inconclusive
from sps.ports.checks import CheckJob, ChecksFailed, SkillToCheck
from sps.ports.sandbox import Box, Launch, Sandbox

TAG = "SPS_RUN"  #: the variable that marks every process of a run

_MEMORY = 3 * 1024**3
_OUT = 64 * 1024 * 1024
_ERR = 16 * 1024
_PATH = "/usr/bin:/bin"
_SELFTEST_SECONDS = 300.0
_SAID = 300
#: The package's folder comes last, so that nothing in it can take the place of a library.
_START = """\
import sys
sys.path.append(sys.argv[1])
from sps.adapters.checks_astgrep.worker import main
sys.exit(main())
"""


class WorkerChecks:
    """Runs the checks of skills in a worker process, boxed where the job says so."""

    def __init__(
        self,
        sandboxes: Mapping[SandboxMode, Sandbox],
        *,
        package: str,
        readonly: tuple[str, ...] = (),
        memory: int = _MEMORY,
    ) -> None:
        """`package` is the folder that holds this program's package, `readonly` what its
        interpreter needs; a boxed worker sees both. `memory` bounds a worker, in bytes."""
        self._sandboxes = dict(sandboxes)
        self._package = package
        self._readonly = (*readonly, package)
        self._memory = memory

    async def run(self, job: CheckJob) -> CheckReport:
        """Look at a change. `timeout` bounds all of it, commands included."""
        began = time.monotonic()
        order = Order(
            root=job.root, added=job.added, skills=job.skills, seconds=math.ceil(job.timeout) + 1,
            memory=self._memory,
        )  # fmt: skip
        answer = await self._worker(order, job)
        report = answer.report
        commands = Commands(self._sandboxes, readonly=self._readonly, tag=job.tag)
        for due in answer.due:
            left = job.timeout - (time.monotonic() - began)
            report = await _with_command(report, due, commands, job, left)
        return msgspec.structs.replace(
            report,
            findings=tuple(sorted(report.findings, key=lambda one: (one.path, one.line))),
        )

    async def selftest(self, skill: SkillToCheck) -> tuple[int, tuple[Inconclusive, ...]]:
        """Run a skill's own cases, without a sandbox but for the commands."""
        job = CheckJob(root=skill.path, added={}, skills=(skill,), timeout=_SELFTEST_SECONDS)
        order = Order(
            skills=(skill,), selftest=True, seconds=math.ceil(job.timeout), memory=self._memory
        )
        answer = await self._worker(order, job)
        wrong = list(answer.report.inconclusive)
        commands = Commands(self._sandboxes, readonly=self._readonly, tag="")
        for due in answer.due:
            why = await _case_of_command(due, commands)
            if why:
                wrong.append(Inconclusive(check=due.check, skill=due.skill, why=why))
        failed = {one.check for one in wrong}
        proved = [check for _, check in answer.proved if check not in failed]
        return len(proved), tuple(wrong)

    async def _worker(self, order: Order, job: CheckJob) -> Answer:
        launch = await self._launch(job)
        try:
            ended = await finish(
                launch, stdin=msgspec.json.encode(order), timeout=job.timeout, out_cap=_OUT,
                err_cap=_ERR,
            )  # fmt: skip
        except OSError as err:
            raise ChecksFailed(f"the checks cannot start: {err.strerror or err}") from err
        if ended.code is None:
            after = f"the checks did not end within {job.timeout:g} s"
            raise ChecksFailed(f"{after}{_where(ended)}")
        if ended.code != 0 or ended.cut:
            raise ChecksFailed(_crashed(ended))
        try:
            return msgspec.json.decode(ended.out, type=Answer)
        except msgspec.DecodeError as err:
            raise ChecksFailed(f"the checks gave no readable answer: {err}") from err

    async def _launch(self, job: CheckJob) -> Launch:
        argv = (sys.executable, "-I", "-c", _START, self._package)
        env = {"LANG": "C.UTF-8", "PATH": _PATH, TAG: job.tag, MARK: fresh_mark()}
        if job.sandbox is None:
            return Launch(argv=argv, env=env, cwd=os.sep)
        sandbox = self._sandboxes[job.sandbox]
        probe = await in_thread(sandbox.probe)
        if not probe.ok:
            said = f"{probe.cause}; run: {probe.command}" if probe.command else probe.cause
            raise ChecksFailed(f"the sandbox does not work: {said}")
        skills = tuple(skill.path for skill in job.skills)
        seen = (job.root, *skills, *self._readonly)
        try:
            return sandbox.launch(Box(argv=argv, cwd=job.root, env=env, readonly=seen))
        except SpsError as err:
            raise ChecksFailed(f"{err.message} {err.where}".strip()) from err


def _where(ended: Ended) -> str:
    """Say what the worker looked at last."""
    lines = ended.err.decode(errors="replace").splitlines()
    last = next((line for line in reversed(lines) if line.startswith(AT)), "")
    return clean(f"; it was at {last.removeprefix(AT)}") if last else ""


def _crashed(ended: Ended) -> str:
    if ended.cut:
        return "the checks answered with far too much"
    said = [
        line
        for line in ended.err.decode(errors="replace").splitlines()
        if line.strip() and not line.startswith(AT)
    ]
    last = clean(f": {said[-1][:_SAID]}") if said else ""
    return f"the checks broke off with {ended.code}{_where(ended)}{last}"


async def _with_command(
    report: CheckReport, due: Due, commands: Commands, job: CheckJob, left: float
) -> CheckReport:
    """Return the report with what a command says; a command that cannot judge is inconclusive."""
    try:
        if left <= 0:
            raise NotJudged("no time was left for its command")
        said = await commands.run(due, job.sandbox, timeout=min(left, due.timeout))
    except NotJudged as err:
        unclear = Inconclusive(check=due.check, skill=due.skill, why=str(err))
        return msgspec.structs.replace(report, inconclusive=(*report.inconclusive, unclear))
    if said is None:
        return report
    first = said.partition("\n")[0]
    path, line, excerpt = place_in(said, job.added) or (due.path, due.line, first)
    found = CheckFinding(
        check=due.check, skill=due.skill, severity=due.severity, path=path,
        line=line, says=due.says, hint=due.hint, excerpt=excerpt[:200],
    )  # fmt: skip
    return msgspec.structs.replace(report, findings=(*report.findings, found))


async def _case_of_command(due: Due, commands: Commands) -> str:
    """Return what is wrong with how a command took a case."""
    try:
        said = await commands.run(due, None, timeout=due.timeout)
    except NotJudged as err:
        return f"{due.case}: {err}"
    if due.must_fail and said is None:
        return f"its command is content with the bad case {due.case}"
    if not due.must_fail and said is not None:
        first = said.partition("\n")[0][:200]
        return f"its command refuses the good case {due.case}: {first}"
    return ""
