"""The agent that is tested is the one that was pinned, or none."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from scripts import fetch_agent
from scripts.fetch_agent import NotFetched, Pin

_HERE = ("Linux", "x86_64")


def _archive(member: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        entry = tarfile.TarInfo(member)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@pytest.fixture
def pin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pin:
    """The pin of a small package, and an npm that hands it out and counts how often."""
    archive = _archive("package/bin/agent", b"#!/bin/sh\n")
    (tmp_path / "archive").write_bytes(archive)
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text(f"#!/bin/sh\necho x >> {tmp_path}/calls\ncp {tmp_path}/archive package.tgz\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(fetch_agent.platform, "system", lambda: _HERE[0])
    monkeypatch.setattr(fetch_agent.platform, "machine", lambda: _HERE[1])
    digest = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    return Pin("agent", "1.0.0", "package/bin/agent", f"sha512-{digest}")


def _use(monkeypatch: pytest.MonkeyPatch, pin: Pin) -> None:
    monkeypatch.setattr(fetch_agent, "PINS", {"agent": {_HERE: pin}})


def test_package_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pin: Pin) -> None:
    _use(monkeypatch, pin)
    program = fetch_agent.fetch("agent", tmp_path / "cache")
    assert fetch_agent.fetch("agent", tmp_path / "cache") == program
    assert os.access(program, os.X_OK)
    assert (tmp_path / "calls").read_text() == "x\n"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [program.parent.name]


def test_package_that_is_not_the_pinned_one_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pin: Pin
) -> None:
    _use(monkeypatch, replace(pin, integrity="sha512-another"))
    with pytest.raises(NotFetched, match="not what was pinned"):
        fetch_agent.fetch("agent", tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_download_that_hangs_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pin: Pin
) -> None:
    _use(monkeypatch, pin)
    monkeypatch.setattr(fetch_agent, "FETCH_TIMEOUT", 0.3)
    (tmp_path / "bin" / "npm").write_text("#!/bin/sh\nsleep 600\n")
    with pytest.raises(NotFetched, match=r"more than 0\.3 s"):
        fetch_agent.fetch("agent", tmp_path / "cache")


def test_machine_without_a_pin_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pin: Pin
) -> None:
    monkeypatch.setattr(fetch_agent, "PINS", {"agent": {("Plan 9", "mips"): pin}})
    with pytest.raises(NotFetched, match="no agent is pinned for Linux on x86_64"):
        fetch_agent.fetch("agent", tmp_path / "cache")
