"""An installed program at work: it is not removed under its daemon, and an upgrade reaches that."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.needs("git"), pytest.mark.timeout(120)]

ROOT = Path(__file__).parent.parent.parent
FAKE = ROOT / "tests" / "fakes" / "systemctl.py"
SCRIPT = """\
#!{python}
import sys
from sps.entry import run
sys.exit(run())
"""


@dataclass(frozen=True)
class Installed:
    """A prefix with versions of the program as `make install` leaves them, and its user."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "prefix/share/sps-program"

    @property
    def link(self) -> Path:
        return self.folder / "prefix/bin/sps"

    @property
    def home(self) -> Path:
        return self.folder / "user/.sps"

    @property
    def env(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder / "user"), "SPS_PREFIX": str(self.folder / "prefix"),
            "PATH": f"{self.folder}/tools:{os.environ['PATH']}", "LANG": "C.UTF-8",
        }  # fmt: skip

    def version(self, name: str) -> Path:
        """Add a version, in which the packages are those of this environment, and make it the
        current one."""
        made = self.root / "versions" / name
        (made / "bin").mkdir(parents=True)
        shutil.copy(Path(sys.prefix) / "pyvenv.cfg", made)
        (made / "lib").symlink_to(Path(sys.prefix) / "lib")
        (made / "bin/python").symlink_to(sys.executable)
        (made / "bin/sps").write_text(SCRIPT.format(python=made / "bin/python"))
        (made / "bin/sps").chmod(0o755)
        (self.root / "current").unlink(missing_ok=True)
        (self.root / "current").symlink_to(made)
        return made

    def run(self, *words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, env=self.env | env, cwd=ROOT, input=stdin, capture_output=True, text=True,
            timeout=90, check=False,
        )  # fmt: skip

    def sps(self, *words: str, stdin: str = "") -> str:
        done = self.run(str(self.link), *words, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def remove(self, **env: str) -> subprocess.CompletedProcess[str]:
        return self.run("scripts/install.sh", "remove", **env)

    def hand_over(self) -> str:
        return self._asked("hand-over").stderr

    def used(self) -> list[str]:
        """Return the versions that an upgrade does not clear away, since something runs them."""
        return [Path(line).name for line in self._asked("used").stdout.splitlines()]

    def _asked(self, verb: str) -> subprocess.CompletedProcess[str]:
        script = ("scripts/installed.py", verb, str(self.root), str(self.link))
        done = self.run(sys.executable, *script)
        assert done.returncode == 0, done.stderr
        return done

    def daemon(self) -> Any:
        return json.loads((self.home / "daemon.json").read_text())

    def at_work(self) -> str:
        """Return the program that the daemon runs."""
        return Path(f"/proc/{self.daemon()['pid']}/cmdline").read_text().split("\0")[0]


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installed]:
    made = Installed(tmp_path)
    for folder in ("user", "tools", "prefix/bin"):
        (tmp_path / folder).mkdir(parents=True)
    made.version("first")
    made.link.symlink_to(made.root / "current/bin/sps")
    made.sps("setup", "--no-input")
    yield made
    made.version("last")  # whatever a test removed
    made.link.unlink(missing_ok=True)
    made.link.symlink_to(made.root / "current/bin/sps")
    made.sps("down")


def test_program_is_not_removed_under_its_daemon(installed: Installed) -> None:
    installed.sps("up", "--detach", "--port", "4861")
    pid = installed.daemon()["pid"]
    refused = installed.remove(KEEP="1")
    assert refused.returncode == 1
    assert f"pid {pid}, sps up --detach --port 4861; first: sps down" in refused.stderr
    assert "nothing was removed" in refused.stderr
    installed.sps("down")  # which is still there
    gone = installed.remove()
    assert gone.returncode == 0, gone.stderr
    assert not installed.root.exists()
    assert not installed.link.is_symlink()
    assert (installed.home / "sps.db").is_file()


def test_program_is_not_removed_under_a_service(installed: Installed) -> None:
    unit = installed.folder / "user/.config/systemd/user/sps.service"
    unit.parent.mkdir(parents=True)
    unit.write_text(f'[Service]\nExecStart="{installed.link}" "up"\n')
    refused = installed.remove()
    assert refused.returncode == 1
    assert f"{unit} is a service that starts sps; first: sps up --service remove" in refused.stderr
    assert installed.link.is_symlink()


def test_what_only_the_program_takes_back_is_named_before_it_goes(installed: Installed) -> None:
    words = ("agent", "login", "claude", "--key", "ANTHROPIC_API_KEY")
    installed.sps(*words, stdin="sk-canary-123456\n")
    (installed.folder / "user/.claude").mkdir()
    installed.sps("setup", "--skill", "python", "--yes")
    link = installed.folder / "user/.claude/skills/python"
    refused = installed.remove()
    assert refused.returncode == 1
    assert f"sps setup wrote {link}; it goes with: sps setup --uninstall" in refused.stderr
    assert "it goes with: sps agent logout claude" in refused.stderr
    said = installed.sps("setup", "--uninstall")
    assert "left: the login of claude; sps agent logout claude removes it" in said
    again = installed.remove()
    assert again.returncode == 1
    assert "setup --uninstall" not in again.stderr
    kept = installed.remove(KEEP="1")
    assert kept.returncode == 0
    assert "sps agent logout claude" in kept.stderr  # what stays is named all the same
    assert not installed.root.exists()


def test_upgrade_hands_a_daemon_over_to_the_new_program(installed: Installed) -> None:
    installed.sps("up", "--detach", "--port", "4862")
    before = installed.daemon()
    second = installed.version("second")
    assert installed.used() == ["first"]
    said = installed.hand_over()
    assert installed.used() == ["second"]
    assert f"the daemon (pid {before['pid']}) of {installed.home} makes way" in said
    after = installed.daemon()
    assert after["pid"] != before["pid"]
    assert after["port"] == before["port"]
    assert installed.at_work() == str(second / "bin/python")
    assert installed.hand_over() == ""  # nothing is left to do


def test_upgrade_hands_a_service_over_by_its_manager(installed: Installed) -> None:
    tool = installed.folder / "tools/systemctl"
    state = installed.folder / "systemd"
    state.mkdir()
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{FAKE}" "{state}" "$@"\n')
    tool.chmod(0o755)
    installed.sps("up", "--service", "--port", "4863")
    before = installed.daemon()
    second = installed.version("second")
    installed.hand_over()
    after = installed.daemon()
    assert after["pid"] == int((state / "pid").read_text()) != before["pid"]
    assert after["port"] == before["port"]
    assert installed.at_work() == str(second / "bin/python")
    installed.sps("up", "--service", "remove")
