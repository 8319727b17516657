"""What each word of a block does."""

from __future__ import annotations

import math
import os

from sps.scripted import fault, workfile
from sps.scripted.errors import StepFailedError
from sps.scripted.toolcall import ToolCall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sps.scripted.blocks import Block
    from sps.scripted.session import Session

_LONGEST_SLEEP = 86_400.0  # seconds
_TAIL = 2000  # characters of a failed command's output in the failure's own text


def carry_out(session: Session, block: Block) -> str:
    """Do what the block says and give a short line for the summary.

    Raises StepFailedError when it fails, CancelledTurnError when the turn is cancelled.
    """
    session.check()
    return _STEPS[block.word](session, block)


def _file(session: Session, block: Block) -> str:
    path = block.attributes["path"]
    call = ToolCall(
        session,
        kind="edit",
        title=f"Write {path}",
        paths=[os.path.join(session.cwd, path)],
        raw={"path": path},
    )
    with call:
        real = workfile.resolve(session.cwd, path)
        call.ask()
        call.done(workfile.write(real, block.content))
    return f"wrote {path}"


def _patch(session: Session, block: Block) -> str:
    from sps.scripted.patch import Patch

    patch = Patch(block.content, session.cwd, session.cancelled)
    paths = patch.paths()
    names = ", ".join(os.path.relpath(path, session.cwd) for path in paths)
    title = f"Apply a patch to {names}" if names else "Apply a patch"
    with ToolCall(session, kind="edit", title=title, paths=paths, raw={}) as call:
        call.ask()
        outcome = patch.apply()
        call.done(outcome)
    return f"patch: {outcome}"


def _sh(session: Session, block: Block) -> str:
    from sps.scripted.command import run, shell

    script = block.content.replace("\r\n", "\n")
    title = (script.strip().splitlines() or ["(empty command)"])[0]
    raw: dict[str, object] = {"command": script, "cwd": session.cwd}
    call = ToolCall(session, kind="execute", title=title, paths=[], raw=raw)
    with call:
        call.ask()
        result = run([shell(), "-c", script], cwd=session.cwd, cancelled=session.cancelled)
        if result.code != 0:
            output = result.output.strip()[-_TAIL:]
            raise StepFailedError(
                f"{_ending(result.code)}: {output}" if output else _ending(result.code)
            )
        call.done(result.output)
    return f"ran {title}"


def _ending(code: int) -> str:
    return f"the command exited with {code}" if code > 0 else f"the command got signal {-code}"


def _sleep(session: Session, block: Block) -> str:
    text = block.content.strip()
    try:
        seconds = float(text)
    except ValueError as err:
        raise StepFailedError(f"sleep: expected seconds, got {text[:40]!r}") from err
    if not math.isfinite(seconds) or not 0 <= seconds <= _LONGEST_SLEEP:
        raise StepFailedError(f"sleep: expected 0 to {_LONGEST_SLEEP:.0f} seconds, got {text[:40]}")
    session.cancelled.wait(seconds)
    session.check()
    return f"slept {text} s"


def _say(session: Session, block: Block) -> str:
    session.say(block.content)
    return ""


def _fail(session: Session, block: Block) -> str:
    fault.misbehave(session, block.content.strip())


_STEPS: dict[str, Callable[[Session, Block], str]] = {
    "file": _file,
    "patch": _patch,
    "sh": _sh,
    "sleep": _sleep,
    "say": _say,
    "fail": _fail,
}
