"""What init proposes and doctor says about dependencies, and what there is to drop."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from sps.cli.main import root
from sps.lib.runtime import SYSTEM_PATH
from sps.model.errors import SpsError
from sps.ports.environments import Recipe
from sps.services.doctor import doctor
from sps.services.verify import verify
from sps.services.why import why
from sps.services.why_project import why_project
from tests.integration.scene import Make, Scene, file, scenes

pytestmark = pytest.mark.needs("git")

PIPELINE = """\
version: 1
agent: scripted
stages: [{name: develop}]
gates:
  - {name: tests, run: "odd-runner -q && test -e a"}
environment:
  key: [lock.txt, '*.none']
"""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path / "scenes", PIPELINE) as build:
        yield build


@pytest.fixture
def toolchain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of the owner's outside of the system, on the owner's PATH."""
    home = tmp_path / "owner"
    program = home / ".odd" / "bin" / "odd-runner"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return home / ".odd"


def wrong(scene: Scene) -> dict[str, tuple[str, str]]:
    found = doctor(scene.world, "p")
    return {one.name: (one.cause, one.command) for one in found if not one.ok}


def test_doctor_says_which_program_a_gate_lacks_and_what_to_write(
    make: Make, toolchain: Path
) -> None:
    scene = make()
    cause, command = wrong(scene)["p: programs"]
    assert 'gate "tests" runs odd-runner, which is not found there' in cause
    assert command.endswith("tools: [~/.odd]")
    scene.world.pipeline_files.install("p", PIPELINE + "  tools: [~/.odd]\n")
    assert "p: programs" not in wrong(scene)
    os.unlink(toolchain / "bin" / "odd-runner")
    assert "install odd-runner" in wrong(scene)["p: programs"][1]


def test_doctor_names_tools_that_cannot_be_and_keys_that_match_nothing(make: Make) -> None:
    scene = make(PIPELINE + "  tools: [~/.ssh-of-nobody]\n")
    assert "no such folder" in wrong(scene)["p: tools"][0]
    scene.repo.commit({"lock.txt": "x\n"})
    scene.world.pipeline_files.install("p", PIPELINE)
    scene.add(file("a", "x\n"))
    scene.tick()
    assert "no file of main matches *.none" in wrong(scene)["p: key files"][0]


@pytest.mark.needs("bwrap")
def test_toolchain_outside_the_system_works_in_gate_and_agent(make: Make, toolchain: Path) -> None:
    scene = make(PIPELINE + "  tools: [~/.odd]\n")
    (toolchain / "credentials.toml").write_text("canary\n")
    look = f"```sh\nodd-runner && ! cat {toolchain}/credentials.toml && touch a\n```\n"
    scene.add(look)
    scene.tick()
    assert scene.states() == {1: "done"}
    scene.world.pipeline_files.install("p", PIPELINE + "  tools: [~/.gone]\n")
    scene.add(file("b", "x\n"))
    scene.tick()
    assert scene.halted() == "setup-failed"
    assert scene.runs(2) == []
    scene.world.pipeline_files.install("p", PIPELINE + "  tools: [~/.odd]\n")
    scene.tick()
    assert scene.states() == {1: "done", 2: "done"}


def test_without_a_sandbox_the_environment_is_the_same(make: Make) -> None:
    text = PIPELINE.replace("odd-runner -q", "runs").replace(", '*.none'", "") + (
        "  setup: [{run: sh make.sh}]\n  keep: [deps]\nsandbox: none\n"
    )
    scene = make(text)
    script = "mkdir -p deps/bin\nprintf '#!%s/deps/bin/sh\\n' $PWD > deps/bin/runs\n"
    script += "ln -s /bin/sh deps/bin/sh; chmod +x deps/bin/runs\n"
    scene.repo.commit({"lock.txt": "1\n", "make.sh": script})
    scene.add("```sh\nruns && touch a\n```\n")
    scene.tick()
    assert scene.states() == {1: "done"}
    assert verify(scene.world).ok


FILES = {
    "uv.lock": "x\n", ".python-version": "3.11\n", "pyproject.toml": "[project]\nname = 'a'\n",
    "web/package-lock.json": "{}\n", "go.mod": "module x\n", "odd\nname/Cargo.lock": "x\n",
}  # fmt: skip


@pytest.fixture
def sps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CliRunner]:
    monkeypatch.setenv("SPS_HOME", str(tmp_path / "scenes" / "0" / "home"))
    return CliRunner()


def refusal(sps: CliRunner, *words: str) -> str:
    """Return the code of the error that a command ends with."""
    done = sps.invoke(root, words)
    assert isinstance(done.exception, SpsError)
    return done.exception.code


def test_init_proposes_a_setup_as_lines_to_uncomment(
    make: Make, sps: CliRunner, tmp_path: Path
) -> None:
    scene = make()
    other = Scene(tmp_path / "other", PIPELINE, FILES)
    other.close()
    repo = tmp_path / "other" / "repo"
    (repo / ".git" / "sps").unlink(missing_ok=True)
    words = ["project", "init", "q", "--repo", str(repo), "--agent", "scripted", "--json"]
    done = sps.invoke(root, words)
    assert done.exit_code == 0, done.output
    setups = ["uv sync --frozen", "go mod vendor", "cd web && npm ci"]
    assert json.loads(done.stdout)["setups"] == setups
    text = scene.world.home.pipeline("q").read_text()
    for line in (
        '#     - {run: "uv sync --frozen", timeout: 10m}',
        "#   key: [uv.lock, .python-version, go.mod, web/package-lock.json]",
        "#   keep: [.venv, vendor, web/node_modules]",
    ):
        assert line in text
    marked = text.splitlines()
    start = marked.index("# environment:")
    end = next(n for n, line in enumerate(marked[start:], start) if not line.startswith("# "))
    plain = "\n".join(line[2:] for line in marked[start:end])
    found = scene.world.pipeline_files.parse(f"version: 1\n{plain}\n", "uncommented")
    assert found.environment.setup[0].run == "uv sync --frozen"


def test_environments_are_listed_shown_and_dropped(
    make: Make, sps: CliRunner, tmp_path: Path
) -> None:
    scene = make()
    made = tmp_path / "checkout" / "deps"
    made.mkdir(parents=True)
    (made / "file").write_text("x" * 2048)
    for name in ("aaaa", "aabb"):
        recipe = Recipe(key=name, tree="t", own=False, root=str(made.parent), keep=("deps",))
        scene.world.environments.publish("p", name, recipe)
    shown = json.loads(sps.invoke(root, ["project", "show", "p", "--json"]).stdout)
    assert (shown["environments"]["count"], shown["environments"]["bytes"]) == (2, 4096)
    assert "2 environments, 4.0 KiB" in sps.invoke(root, ["project", "show", "p"]).stdout
    assert "aaaa" in sps.invoke(root, ["project", "environment", "p"]).stdout

    words = ["project", "environment", "p", "--drop"]
    assert refusal(sps, *words, "aa") == refusal(sps, *words, "c") == "unknown-environment"
    done = sps.invoke(root, ["project", "environment", "p", "aab", "--drop", "--dry-run", "--json"])
    assert (done.exit_code, len(scene.world.environments.all("p"))) == (0, 2)
    done = sps.invoke(root, ["project", "environment", "p", "aab", "--drop", "--json"])
    assert [one["name"] for one in json.loads(done.stdout)["environments"]] == ["aaaa"]
    with scene.world.environments.lease("p", "aaaa"):
        assert refusal(sps, *words) == "environment-in-use"
    assert sps.invoke(root, words).exit_code == 0
    assert scene.world.environments.all("p") == []


@pytest.mark.parametrize("text,limit", [("500MiB", 500 * 1024**2), ("lots", 10 * 1024**3)])
def test_limit_is_what_the_owner_says_where_that_is_a_size(
    make: Make, sps: CliRunner, monkeypatch: pytest.MonkeyPatch, text: str, limit: int
) -> None:
    make()
    monkeypatch.setenv("SPS_ENVIRONMENTS_LIMIT", text)
    done = sps.invoke(root, ["project", "environment", "p", "--json"])
    assert json.loads(done.stdout)["room"]["limit"] == limit


def test_lint_names_a_toolchain_that_is_not_there(
    make: Make, sps: CliRunner, tmp_path: Path
) -> None:
    make()
    path = tmp_path / "p.yaml"
    path.write_text(PIPELINE + "  tools: [/no/such/tool]\n")
    assert "no such folder" in sps.invoke(root, ["pipeline", "lint", str(path)]).output


def test_doctor_says_when_a_gate_runs_another_program_than_its_owner(
    make: Make, toolchain: Path
) -> None:
    own = toolchain / "bin" / "sort"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    text = PIPELINE.replace("odd-runner -q && test -e a", "sort -q")
    scene = make(text)
    cause, command = wrong(scene)["p: programs"]
    assert "not the sort of your PATH" in cause
    assert command.endswith("tools: [~/.odd]")
    scene.world.pipeline_files.install("p", text + "  tools: [~/.odd]\n")
    assert "p: programs" not in wrong(scene)
    scene.world.pipeline_files.install("p", text.replace('"sort', '"/usr/bin/sort'))
    assert "p: programs" not in wrong(scene)


def test_init_with_detected_gates_shows_their_toolchain(
    make: Make, sps: CliRunner, toolchain: Path, tmp_path: Path
) -> None:
    scene = make()
    (toolchain / "bin" / "make").write_text("#!/bin/sh\n")
    (toolchain / "bin" / "make").chmod(0o755)
    for name, more in (("on", ["--gates", "detected"]), ("off", [])):
        Scene(tmp_path / name, PIPELINE, {"Makefile": "test:\n\ttrue\n"}).close()
        (tmp_path / name / "repo" / ".git" / "sps").unlink(missing_ok=True)
        words = ["project", "init", name, "--repo", str(tmp_path / name / "repo"), *more]
        said = sps.invoke(root, [*words, "--agent", "scripted"]).stdout
        shown = scene.world.pipeline_files.load(name).environment.tools
        if more:
            assert shown == ("~/.odd",)
            assert "read-only to gates and agents: ~/.odd" in said
        else:
            assert shown == ()
            assert "uncomment `environment:` and `tools: [~/.odd]`" in said


@pytest.mark.needs("bwrap")
def test_a_gate_that_lacks_its_program_leads_to_the_pipeline_not_in_a_circle(make: Make) -> None:
    scene = make()
    scene.add(file("a", "x\n"))
    scene.tick()
    assert scene.halted() == "base-red"
    whole, one = why_project(scene.world, "p"), why(scene.world, "p", 1)
    assert "`environment.tools`" in whole.why
    assert "`environment.setup`" in one.why
    assert str(scene.world.home.pipeline("p")) in whole.why
    assert (whole.next, one.next) == ("sps pipeline show p", "sps why p")


@pytest.mark.needs("bwrap")
@pytest.mark.skipif(shutil.which("python3", path=SYSTEM_PATH) is None, reason="no system Python")
def test_a_module_that_gates_would_not_find_is_said_at_init_and_by_doctor(
    make: Make, sps: CliRunner, toolchain: Path, tmp_path: Path
) -> None:
    text = PIPELINE.replace("odd-runner -q && test -e a", "cd lib && python3 -W error -m nose2 -v")
    text = text.replace("  key: [lock.txt, '*.none']\n", f"  env: {{PYTHONPATH: {toolchain}}}\n")
    scene = make(text + "  tools: [~/.odd]\n")
    cause, command = wrong(scene)["p: modules"]
    assert 'gate "tests" runs python3 -m nose2, and python3 has no module nose2 there' in cause
    assert "let `environment.setup` install nose2" in command

    Scene(tmp_path / "other", text, {"lib/x": ""}).close()
    repo = tmp_path / "other" / "repo"
    (repo / ".git" / "sps").unlink(missing_ok=True)
    (tmp_path / "q.yaml").write_text(text)
    words = ("--repo", str(repo), "--agent", "scripted", "--pipeline", str(tmp_path / "q.yaml"))
    said = sps.invoke(root, ["project", "init", "q", *words])
    assert said.exit_code == 0, said.output
    assert "gates     tests: cd lib && python3 -W error -m nose2 -v\n" in said.stdout
    assert 'warning: gate "tests" runs python3 -m nose2, and python3 has no module' in said.stdout

    (toolchain / "nose2.py").write_text("raise SystemExit('nothing of it is run')\n")
    assert "p: modules" not in wrong(scene)
