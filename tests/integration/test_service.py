"""The daemon as a service: what is written, and what the service manager is asked for."""

from __future__ import annotations

import json
import os
import plistlib
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.adapters.service_launchd import LaunchdManager, plist
from sps.adapters.service_systemd import SystemdManager, unit
from sps.model.errors import Absent, Misuse
from sps.model.settings import KEYS
from sps.ports.home import Home
from sps.ports.service import ServiceSpec
from sps.services.daemon_service import service_name, service_spec

FAKE = Path(__file__).parent.parent / "fakes" / "systemctl.py"
ODD = '/srv/a b/100% "$HOME" \\x'


def _spec(home: str = "/srv/me/.sps", **env: str) -> ServiceSpec:
    argv = ("/opt/sps/bin/sps", "up", "--port", "4311")
    return ServiceSpec(name="sps", home=home, argv=argv, env={"SPS_HOME": home, **env})


def test_unit_starts_with_the_session_and_again_only_after_a_failure_that_may_pass() -> None:
    lines = unit(_spec(PATH="/usr/bin:/srv/me/.local/bin")).splitlines()
    assert 'ExecStart="/opt/sps/bin/sps" "up" "--port" "4311"' in lines
    assert 'Environment="PATH=/usr/bin:/srv/me/.local/bin"' in lines
    for line in (
        "Restart=on-failure", "RestartPreventExitStatus=2 3 4 5", "KillMode=mixed",
        "TimeoutStopSec=50", "WantedBy=default.target",
    ):  # fmt: skip
        assert line in lines


def test_no_path_can_add_a_line_or_a_word_to_the_unit() -> None:
    text = unit(_spec(home=f"{ODD}\nExecStartPre=/bin/evil"))
    assert not any(line.startswith("ExecStartPre") for line in text.splitlines())
    assert "%%" in text
    word = unit(ServiceSpec(name="sps", home="/h", argv=(ODD,), env={}))
    line = next(line for line in word.splitlines() if line.startswith("ExecStart="))
    assert shlex.split(line.removeprefix("ExecStart=").replace("%%", "%").replace("$$", "$")) == [
        ODD
    ]


def test_systemd_itself_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here: the unit was judged as text only")
    file = tmp_path / "sps.service"
    file.write_text(unit(_spec(home=str(tmp_path))).replace("/opt/sps/bin/sps", sys.executable))
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(file)], capture_output=True, text=True,
        timeout=60, check=False, env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_property_list_says_the_same_to_launchd() -> None:
    found = plistlib.loads(plist(_spec(home=ODD, PATH="/usr/bin")))
    assert found["ProgramArguments"] == ["/opt/sps/bin/sps", "up", "--port", "4311"]
    assert found["EnvironmentVariables"] == {"SPS_HOME": ODD, "PATH": "/usr/bin"}
    assert found["KeepAlive"] == {"SuccessfulExit": False}
    assert found["RunAtLoad"] is True


def test_each_home_has_a_service_of_its_own(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "PATH": "/bin", "OPENAI_API_KEY": "secret"}
    usual, other = Home(tmp_path / ".sps"), Home(tmp_path / "other")
    assert service_name(usual, environment) == "sps"
    assert service_name(other, environment).startswith("sps-")
    spec = service_spec(other, ("/bin/sps",), ("--port", "1"), environment)
    assert "secret" not in str(spec)
    assert spec.env["SPS_HOME"] == str(other.root)


def test_service_is_set_as_its_owner_is_and_knows_where_the_vaults_are(tmp_path: Path) -> None:
    given = {key.variable: "x" for key in KEYS if key.variable} | {"SPS_VAULTS": "ssh://here/v"}
    assert "SPS_LOG" in given
    spec = service_spec(Home(tmp_path), ("/bin/sps",), (), {**given, "SPS_KILL_AT": "x"})
    assert spec.env == {**given, "SPS_HOME": str(tmp_path)}


def test_without_a_service_manager_the_user_is_told_what_works_instead(tmp_path: Path) -> None:
    nowhere = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    for manager in (SystemdManager(nowhere), LaunchdManager(nowhere)):
        with pytest.raises(Absent) as refused:
            manager.install(_spec())
        assert refused.value.code == "no-service-manager"
        assert refused.value.hint == "sps up --detach"
        assert refused.value.exit_code == 3


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    environment = _with_fake(tmp_path)
    file = tmp_path / ".config/systemd/user/sps.service"
    file.parent.mkdir(parents=True)
    file.write_text("[Service]\nExecStart=/bin/true\n")
    manager = SystemdManager(environment)
    for act in (lambda: manager.install(_spec()), lambda: manager.remove("sps")):
        with pytest.raises(Misuse) as refused:
            act()
        assert refused.value.code == "file-exists"
    assert file.read_text() == "[Service]\nExecStart=/bin/true\n"


def _with_fake(folder: Path) -> dict[str, str]:
    tools = folder / "bin"
    tools.mkdir()
    script = tools / "systemctl"
    words = shlex.join([sys.executable, str(FAKE), str(folder)])
    script.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    script.chmod(0o755)
    path = f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8"}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[dict[str, str]]:
    environment = _with_fake(tmp_path)
    yield environment
    _sps(environment, "up", "--service", "remove")
    _sps(environment, "down")


def _sps(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sps", *words], env=environment, capture_output=True, text=True,
        timeout=100, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_service_starts_reports_stops_and_goes_away(
    machine: dict[str, str], tmp_path: Path
) -> None:
    assert _sps(machine, "setup").returncode == 0
    assert _sps(machine, "up", "--service", "status").returncode == 1
    assert _sps(machine, "up", "--detach", "--port", "4861").returncode == 0

    started = _sps(machine, "up", "--service", "--port", "4861")
    assert started.returncode == 0, started.stderr
    assert "makes way for the service" in started.stderr
    said = json.loads(_sps(machine, "up", "--service", "status", "--json").stdout)
    assert (said["installed"], said["running"]) == (True, True)
    daemon = json.loads(_sps(machine, "status", "--json").stdout)["daemon"]
    assert daemon["pid"] == int((tmp_path / "pid").read_text())

    assert _sps(machine, "up", "--service", "stop").returncode == 0
    assert _sps(machine, "up", "--service", "status").returncode == 1
    assert _sps(machine, "up", "--service", "remove").returncode == 0
    assert not (tmp_path / ".config/systemd/user/sps.service").exists()
    calls = (tmp_path / "calls").read_text()
    assert calls.index("enable sps.service") < calls.index("restart sps.service")
    refused = _sps(machine, "up", "--service", "remove")
    assert refused.returncode == 2
    assert "no service for this home" in refused.stderr


def _has_bus() -> bool:
    if shutil.which("systemctl") is None:
        return False
    done = subprocess.run(
        ["systemctl", "--user", "show-environment"], capture_output=True, timeout=20, check=False
    )
    return done.returncode == 0


@pytest.mark.skipif(not _has_bus(), reason="no systemd of this user answers: not started for real")
def test_a_real_systemd_runs_the_daemon(tmp_path: Path) -> None:
    environment = {**os.environ, "SPS_HOME": str(tmp_path / "home")}
    assert _sps(environment, "setup").returncode == 0
    try:
        done = _sps(environment, "up", "--service", "--port", "4871")
        assert done.returncode == 0, done.stderr
        assert _sps(environment, "up", "--service", "status").returncode == 0
    finally:
        assert _sps(environment, "up", "--service", "remove").returncode == 0


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="the system does not tell")
def test_agent_that_the_service_does_not_see_is_told_with_what_to_type(
    machine: dict[str, str], tmp_path: Path
) -> None:
    repo = tmp_path / "repo"
    repo.mkdir()
    for words in (["init", "-qb", "main"], ["commit", "-q", "--allow-empty", "-m", "start"]):
        who = ("-c", "user.name=o", "-c", "user.email=o@example.com")
        subprocess.run(["git", *who, *words], cwd=repo, env=machine, check=True)
    pipeline = tmp_path / "pipeline.yaml"
    pipeline.write_text("version: 1\nstages: [{name: develop}]\nland: {sign: ssh}\n")
    assert _sps(machine, "setup").returncode == 0
    init = ("project", "init", "p", "--repo", str(repo), "--agent", "scripted")
    done = _sps(machine, *init, "--pipeline", str(pipeline))
    assert done.returncode == 0, done.stderr

    def asked(environment: dict[str, str]) -> dict[str, str] | None:
        checks = json.loads(_sps(environment, "doctor", "--json").stdout)["checks"]
        return next((one for one in checks if one["name"] == "ssh agent"), None)

    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(tmp_path / "agent"))
        terminal = {**machine, "SSH_AUTH_SOCK": str(tmp_path / "agent")}
        tell = "systemctl --user import-environment SSH_AUTH_SOCK && sps up --service"
        started = _sps(terminal, "up", "--service", "--port", "4862")
        assert started.returncode == 0, started.stderr
        assert f"let it see it: {tell}" in started.stderr
        assert str(tmp_path / "agent") not in _unit(tmp_path)
        found = asked(terminal)
        assert found is not None
        assert (found["ok"], found["command"]) == (False, tell)
        assert "has no SSH_AUTH_SOCK" in found["cause"]
        assert asked(machine) is None  # a terminal without an agent has nothing to compare

        assert _sps(machine, "up", "--service", "remove").returncode == 0
        assert _sps(terminal, "up", "--detach", "--port", "4862").returncode == 0
        assert asked(terminal) is None
        other = {**machine, "SSH_AUTH_SOCK": str(tmp_path / "gone")}
        assert _sps(other, "down").returncode == 0
        assert _sps(other, "up", "--detach", "--port", "4862").returncode == 0
        found = asked(terminal)
        assert found is not None
        assert found["command"] == "sps down && sps up --detach"
        assert "where nobody listens" in found["cause"]


def _unit(folder: Path) -> str:
    return (folder / ".config/systemd/user/sps.service").read_text()


def test_what_signs_and_what_reaches_a_remote_finds_its_own_files(tmp_path: Path) -> None:
    places = {"GNUPGHOME": "/keys", "GIT_CONFIG_GLOBAL": "/mine", "GIT_SSL_CAINFO": "/ca.pem"}
    given = {**places, "GIT_DIR": "/elsewhere", "SSH_AUTH_SOCK": "/tmp/agent", "GPG_TTY": "/dev/x"}
    spec = service_spec(Home(tmp_path), ("/bin/sps",), (), given)
    assert spec.env == {**places, "SPS_HOME": str(tmp_path)}
