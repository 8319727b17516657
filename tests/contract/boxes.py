"""Starting commands in a sandbox, and the same commands without one."""

from __future__ import annotations

import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sps.adapters.sandbox_bwrap import BwrapSandbox
from sps.adapters.sandbox_none import NoSandbox
from sps.lib.proctree import tagged
from sps.lib.runtime import interpreter, interpreter_prefix
from sps.ports.sandbox import Box, Launch, Sandbox

TAG = "SPS_TEST_TAG"
PATIENCE = 30.0  # seconds until a thing that must happen counts as not happening
ENV = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}

SANDBOXES: dict[str, Callable[[], Sandbox]] = {"bwrap": BwrapSandbox, "none": NoSandbox}


def fresh_tag() -> str:
    return uuid.uuid4().hex


def python(code: str, *args: str) -> tuple[str, ...]:
    """The words that run this code with the interpreter of the tests."""
    return (interpreter(), "-I", "-S", "-c", code, *args)


def box(folder: Path, argv: tuple[str, ...], **more: Any) -> Box:
    """A box whose writable working folder is `folder`, and in which Python runs."""
    more.setdefault("env", ENV)
    more["readonly"] = (*more.get("readonly", ()), interpreter_prefix())
    more.setdefault("writable", (str(folder),))
    return Box(argv=argv, cwd=str(folder), **more)


def finish(launch: Launch, *, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        launch.argv,
        env=launch.env,
        cwd=launch.cwd,
        input=stdin,
        capture_output=True,
        timeout=PATIENCE,
        start_new_session=True,
        check=False,
    )


def boxed(folder: Path, argv: tuple[str, ...], **more: Any) -> str:
    """What a command says inside bubblewrap."""
    return said(finish(BwrapSandbox().launch(box(folder, argv, **more))))


def unboxed(folder: Path, argv: tuple[str, ...]) -> str:
    """What a command says without a sandbox: the control of an attack."""
    return said(finish(Launch(argv=argv, env=ENV, cwd=str(folder))))


def said(ended: subprocess.CompletedProcess[bytes]) -> str:
    return (ended.stdout + ended.stderr).decode(errors="replace")


def until(condition: Callable[[], bool]) -> bool:
    """Wait for a condition; False when patience is over."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def carriers(tag: str) -> list[int]:
    return list(tagged(TAG, tag))
