"""Projects with dependencies: set up once, offline in the gate, and out of each other's reach."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.event import EventKind
from sps.services.why_project import why_project
from tests.environment_makers import npm_tarball, wheel
from tests.integration.scene import Scene, file, sh

pytestmark = pytest.mark.needs("git", "bwrap")

_MAIN = "def main() -> None:\n    print(says())\n"
_GREETER = f"def says() -> str:\n    return 'hello'\n{_MAIN}"
_SHOUTER = f"def says() -> str:\n    return 'HELLO'\n{_MAIN}"
_NO_NETWORK = "cat /proc/net/dev | grep -v lo: | grep -q : && exit 9; true"

_PYTHON = """\
version: 1
agent: scripted
stages:
  - {{name: develop, attempts: 3}}
gates:
  - {{name: tests, run: "python check.py && greeter-says"}}
  - {{name: offline, run: "{offline}"}}
environment:
  setup:
    - run: uv venv --offline -q .venv
    - run: uv pip install -q --offline --no-index --find-links {packages} -r requirements.txt
  key: [requirements.txt]
  keep: [.venv]
  tools: [{tools}]
  env: {{COLOUR: blue}}
"""
_CHECK = """\
import os, app, sys
assert app.says() == "hello", app.says()
assert os.environ["COLOUR"] == "blue"
assert sys.prefix == os.getcwd() + "/.venv", sys.prefix
"""
_PYTHON_FILES = {
    "requirements.txt": "greeter\n",
    "app.py": "from greeter import says\n",
    "check.py": _CHECK,
}

_NODE = """\
version: 1
agent: scripted
stages:
  - {{name: develop, attempts: 3}}
gates:
  - {{name: tests, run: node check.js}}
  - {{name: offline, run: "{offline}"}}
environment:
  setup: [{{run: npm install --offline --no-audit --no-fund --loglevel=error, timeout: 2m}}]
  key: [package.json, package-lock.json]
  keep: [node_modules]
  tools: [{packages}]
"""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    return tmp_path / "packages"


@pytest.fixture
def close() -> Iterator[list[Scene]]:
    made: list[Scene] = []
    yield made
    for scene in made:
        scene.close()


def _done(scene: Scene, seq: int) -> None:
    """Work, and see a card land."""
    scene.tick()
    card = scene.card(seq)
    assert card.state.value == "done", (scene.reasons(seq), card.detail)


def _ready(scene: Scene, seq: int) -> list[tuple[str, bool]]:
    events = scene.events(seq, EventKind.ENVIRONMENT_READY)
    return [(str(event.payload["how"]), bool(event.payload["own"])) for event in events]


@pytest.mark.needs("uv")
def test_python_project_lands_cards_with_the_network_off_in_its_gates(
    tmp_path: Path, packages: Path, close: list[Scene]
) -> None:
    wheel(packages, "greeter", _GREETER)
    wheel(packages, "shouter", _SHOUTER)
    tools = ", ".join(dict.fromkeys([str(packages), sys.prefix, sys.base_prefix]))
    pipeline = _PYTHON.format(offline=_NO_NETWORK, packages=packages, tools=tools)
    scene = Scene(tmp_path / "scene", pipeline, _PYTHON_FILES)
    close.append(scene)

    scene.add(sh("python -c 'import greeter' && test $COLOUR = blue && echo one > one.txt"))
    _done(scene, 1)
    assert _ready(scene, 1) == [("made", False), ("reused", False)]

    scene.add(file("two.txt", "two\n"))
    _done(scene, 2)
    assert _ready(scene, 2) == [("reused", False), ("reused", False)]
    first, second = (
        scene.events(seq, EventKind.ENVIRONMENT_READY)[0].payload["seconds"] for seq in (1, 2)
    )
    print(f"setup {first} s, reused in {second} s")

    scene.add(
        file("requirements.txt", "greeter\nshouter\n")
        + file("app.py", "from greeter import says\nfrom shouter import says as shout\n")
        + sh("! python -c 'import shouter'")  # the agent began on the target's environment
    )
    _done(scene, 3)
    assert _ready(scene, 3) == [("reused", False), ("made", True)]

    scene.add(sh("python -c 'import shouter' && echo four > four.txt"))
    _done(scene, 4)
    assert _ready(scene, 4) == [("adopted", False), ("reused", False)]
    tracked = scene.repo.git("ls-tree", "-r", "--name-only", "main").splitlines()
    assert sorted(tracked) == sorted([*_PYTHON_FILES, "one.txt", "two.txt", "four.txt"])
    assert [event.payload["salvage"] for event in scene.events(4, EventKind.RUN_COLLECTED)] == [
        None
    ]


@pytest.mark.needs("node", "npm")
def test_node_project_lands_cards_with_the_network_off_in_its_gates(
    tmp_path: Path, packages: Path, close: list[Scene]
) -> None:
    greet = npm_tarball(packages, "greet", "module.exports = () => 'hello'\n")
    shout = npm_tarball(packages, "shout", "module.exports = () => 'HELLO'\n")
    one = {"name": "app", "version": "1.0.0", "dependencies": {"greet": f"file:{greet}"}}
    both = {**one, "dependencies": {"greet": f"file:{greet}", "shout": f"file:{shout}"}}
    files = {
        "package.json": json.dumps(one),
        "app.js": "module.exports = require('greet')\n",
        "check.js": "if (!/hello/i.test(require('./app')())) process.exit(1)\n",
    }
    pipeline = _NODE.format(offline=_NO_NETWORK, packages=packages)
    scene = Scene(tmp_path / "scene", pipeline, files)
    close.append(scene)

    scene.add(sh("node check.js && echo one > one.txt"))
    _done(scene, 1)
    assert _ready(scene, 1) == [("made", False), ("reused", False)]

    scene.add(
        file("package.json", json.dumps(both) + "\n")
        + file("app.js", "module.exports = require('shout')\n")
    )
    _done(scene, 2)
    assert _ready(scene, 2) == [("reused", False), ("made", True)]

    scene.add(sh("node -e \"require('shout')\" && echo three > three.txt"))
    _done(scene, 3)
    assert _ready(scene, 3)[0] == ("adopted", False)
    assert scene.repo.at("node_modules") is None


_SHELL = """\
version: 1
agent: scripted
stages:
  - {name: develop, attempts: 2, timeout: 1m}
gates:
  - {name: made, run: test -e deps/made}
environment:
  setup: [{run: sh make.sh, timeout: 2m}]
  key: [lock.txt]
  keep: [deps, ./web/deps/]
"""
_GOOD = "mkdir -p deps web/deps && touch deps/made\n"


@pytest.fixture
def shell(tmp_path: Path, close: list[Scene]) -> Scene:
    scene = Scene(tmp_path / "scene", _SHELL, {"lock.txt": "1\n", "make.sh": _GOOD})
    close.append(scene)
    return scene


def test_setup_that_fails_on_the_target_stops_the_project_and_costs_no_attempt(
    shell: Scene,
) -> None:
    shell.repo.commit({"make.sh": "echo what is wrong; exit 3\n"})
    shell.add(file("a.txt", "x\n"))
    shell.add(file("b.txt", "x\n"))
    shell.tick()
    assert shell.halted() == "setup-failed"
    assert shell.runs(1) == shell.runs(2) == []
    project = shell.world.store.read(lambda tx: tx.project("p"))
    assert project is not None
    assert "setup command 1 failed (exit 3): sh make.sh" in project.halt_detail
    log = Path(project.halt_detail.rpartition("output: ")[2])
    assert log.read_text() == "what is wrong\n"
    told = why_project(shell.world, "p")
    assert (told.halted, told.next) == ("setup-failed", "sps pipeline show p")

    shell.repo.commit({"make.sh": _GOOD})
    shell.tick()
    assert shell.halted() == "setup-failed"  # no key file has changed: it waits for its time
    shell.repo.commit({"lock.txt": "2\n"})
    shell.tick()
    assert shell.states() == {1: "done", 2: "done"}
    assert [run.attempt for run in shell.runs(1)] == [1]


def test_card_that_breaks_the_setup_gets_the_output_and_can_mend_it(shell: Scene) -> None:
    shell.add(
        file("lock.txt", "2\n", "attempt=1")
        + file("make.sh", "echo no such package; exit 4\n", "attempt=1")
        + file("make.sh", _GOOD + "true\n", "attempt=2")
    )
    _done(shell, 1)
    assert shell.reasons(1) == ["setup-failed"]
    assert shell.halted() is None
    assert "no such package" in shell.prompt(shell.runs(1)[1])
    failed = [bool(event.payload["own"]) for event in shell.events(1, EventKind.ENVIRONMENT_FAILED)]
    assert failed == [True, True]  # in its gate; its next session then did not run it once more


def test_setup_that_takes_too_long_or_makes_nothing_is_said(shell: Scene) -> None:
    shell.world.pipeline_files.install("p", _SHELL.replace("2m}]", "1s}]"))
    shell.repo.commit({"make.sh": "sleep 60\n"})
    shell.add(file("a.txt", "x\n"))
    shell.tick()
    detail = shell.events(1, EventKind.ENVIRONMENT_FAILED)[0].payload["detail"]
    assert "took more than 1 s" in detail
    assert shell.orphans() == {}
    shell.repo.commit({"make.sh": "true\n", "lock.txt": "3\n"})
    shell.tick()
    detail = shell.events(1, EventKind.ENVIRONMENT_FAILED)[-1].payload["detail"]
    assert "did not make deps" in detail


def test_cards_at_once_share_one_setup(shell: Scene) -> None:
    shell.repo.commit({"make.sh": "sleep 0.5\n" + _GOOD})
    for number in range(3):
        shell.add(file(f"{number}.txt", "x\n"))
    shell.tick()
    assert set(shell.states().values()) == {"done"}
    how = [one for seq in (1, 2, 3) for one, _ in _ready(shell, seq)]
    assert how.count("made") == 1


def test_pipeline_variable_machine_or_command_makes_another_key(shell: Scene) -> None:
    texts = [
        _SHELL,
        _SHELL + "  env: {A: b}\n",
        _SHELL.replace("sh make.sh", "sh  make.sh"),
        _SHELL.replace("key: [lock.txt]", "key: ['*.txt', make.sh]"),
    ]
    for number, text in enumerate(texts):
        shell.world.pipeline_files.install("p", text)
        shell.add(file(f"{number}.txt", "x\n"))
        shell.tick()
    assert set(shell.states().values()) == {"done"}
    assert [_ready(shell, seq)[0] for seq in (1, 2, 3, 4)] == [("made", False)] * 4


def test_second_stage_and_reviewer_work_with_what_the_card_installs(shell: Scene) -> None:
    stages = (
        "  - {name: develop, attempts: 2, timeout: 1m}\n"
        "  - {name: polish, timeout: 1m}\n"
        "  - {name: look, approve: agent, timeout: 1m}\n"
    )
    text = _SHELL.replace("  - {name: develop, attempts: 2, timeout: 1m}\n", stages)
    shell.world.pipeline_files.install("p", text)
    shell.add(
        file("lock.txt", "2\n", "stage=develop")
        + file("make.sh", _GOOD + "touch deps/new\n", "stage=develop")
        + sh("test -e deps/new && touch polished", "stage=polish")
        + sh("test -e deps/new && ! touch deps/other 2>/dev/null", "stage=look")
    )
    _done(shell, 1)
    # develop begins on the target; each later tree has its own, which the reviewer shares.
    assert _ready(shell, 1) == [("made", False), *[("made", True)] * 2, ("reused", True)]
    assert shell.repo.at("polished") is not None


def test_least_recently_used_goes_first_and_none_that_is_in_use(shell: Scene) -> None:
    kept = shell.world.environments
    for number in range(10, 13):
        shell.repo.commit(
            {"lock.txt": f"{number}\n", "make.sh": f"{_GOOD}seq 500 > deps/{number}\n"}
        )
        shell.add(file(f"{number}.txt", "x\n"))
        shell.tick()
    names = [made.name for made in kept.all("p")]
    assert len(names) == 3
    used = kept.find("p", names[2])  # the oldest is used again
    assert used is not None
    with kept.lease("p", names[1]):
        assert not kept.drop("p", names[1])
        dropped = kept.trim(limit=2 * used.bytes)
    assert [one.name for one in dropped] == [names[0]]
    assert [one.name for one in kept.trim(limit=used.bytes)] == [names[1]]
    assert [made.name for made in kept.all("p")] == [names[2]]
