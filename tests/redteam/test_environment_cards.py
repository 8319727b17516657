"""Cards that try to change what others are judged with, through the environment."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.model.event import EventKind
from sps.ports.environments import Made
from tests.integration.scene import Make, Scene, file, scenes, sh

pytestmark = pytest.mark.needs("git", "bwrap")

PIPELINE = """\
version: 1
agent: scripted
stages:
  - {name: develop, attempts: 2, timeout: 1m}
gates:
  - {name: judged, run: "sh deps/judge"}
environment:
  setup: [{run: sh make.sh, timeout: 2m}]
  key: [lock.txt]
  keep: [deps]
"""
HONEST = "mkdir -p deps && echo 'test ! -e bad.txt' > deps/judge\n"
EVIL = "mkdir -p deps && echo 'exit 0' > deps/judge\n"
FILES = {"lock.txt": "one\n", "make.sh": HONEST}


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path, PIPELINE, FILES) as build:
        yield build


def _kept(scene: Scene) -> list[Made]:
    made = scene.world.environments.all("p")
    assert [scene.world.environments.fault(one) for one in made] == ["" for _ in made]
    return made


def _judge(made: Made) -> str:
    return (Path(made.content) / "deps" / "judge").read_text()


def test_control_the_honest_judge_refuses_and_the_evil_one_would_not(make: Make) -> None:
    scene = make()
    scene.add(file("bad.txt", "x\n"))
    scene.tick()
    assert scene.standing(1) == ("needs_human", "gate-failed")
    evil = make()
    evil.repo.commit({"make.sh": EVIL})
    evil.add(file("bad.txt", "x\n"))
    evil.tick()
    assert evil.states() == {1: "done"}


def test_agent_writes_into_its_environment_and_changes_nobody_elses(make: Make) -> None:
    scene = make()
    scene.add(sh("echo 'exit 0' > deps/judge && sh deps/judge && echo x > bad.txt"))
    scene.add(file("bad.txt", "y\n"))
    scene.tick(limit=1)
    assert [scene.standing(seq)[0] for seq in (1, 2)] == ["needs_human", "needs_human"]
    assert [_judge(one) for one in _kept(scene)] == ["test ! -e bad.txt\n"]


def test_shared_environment_is_not_even_visible_to_an_agent_or_a_gate(make: Make) -> None:
    look = "ls ../../environments/* 2>/dev/null | grep -q . && exit 1; true"
    scene = make(PIPELINE.replace("sh deps/judge", look))
    scene.add(sh(look) + file("good.txt", "x\n"))
    scene.tick()
    assert scene.states() == {1: "done"}
    assert len(_kept(scene)) == 1  # the control: there is something to be seen


def test_gate_that_writes_into_its_environment_spoils_only_its_own_copy(make: Make) -> None:
    spoil = "grep -q bad.txt deps/judge && echo 'exit 1' > deps/judge && rm -rf deps/x"
    scene = make(PIPELINE.replace("sh deps/judge", spoil))
    for name in ("a.txt", "b.txt"):
        scene.add(file(name, "x\n"))
        scene.tick(limit=1)
    assert scene.states() == {1: "done", 2: "done"}
    assert [_judge(one) for one in _kept(scene)] == ["test ! -e bad.txt\n"]


def test_environment_of_an_earlier_attempt_does_not_judge_the_next_one(make: Make) -> None:
    """The first attempt plants an evil judge, which no later difference shows."""
    scene = make(PIPELINE.replace("sh deps/judge", "test ! -e broken && sh deps/judge"))
    scene.add(
        file("lock.txt", "two\n", "attempt=1")
        + file("make.sh", EVIL, "attempt=1")
        + file("broken", "x\n", "attempt=1")
        + file("make.sh", HONEST, "attempt=2")
        + sh("rm -f broken; echo x > bad.txt", "attempt=2")
    )
    scene.tick()
    assert scene.standing(1) == ("needs_human", "gate-failed")
    own = {_judge(one) for one in _kept(scene) if one.own}
    assert own == {"exit 0\n", "test ! -e bad.txt\n"}  # the control: the evil one was there


def test_card_with_the_same_key_gets_nothing_of_anothers_setup(make: Make) -> None:
    scene = make(PIPELINE.replace("sh deps/judge", "test ! -e broken && sh deps/judge"))
    scene.add(file("lock.txt", "two\n") + file("make.sh", EVIL) + file("broken", "x\n"))
    scene.tick()
    assert scene.standing(1)[0] == "needs_human"
    scene.add(file("lock.txt", "two\n") + file("bad.txt", "x\n"))
    scene.tick()
    assert scene.standing(2) == ("needs_human", "gate-failed")


def test_setup_script_that_is_no_key_file_counts_only_after_landing(make: Make) -> None:
    """What is shared was made from the target's tree, not from the card that asked first."""
    scene = make()
    scene.add(file("make.sh", EVIL) + file("bad.txt", "x\n"))
    scene.tick()
    assert scene.standing(1) == ("needs_human", "gate-failed")
    assert [(_judge(one), one.own) for one in _kept(scene)] == [("test ! -e bad.txt\n", False)]


def test_file_forced_into_a_kept_path_never_lands(make: Make) -> None:
    scene = make()
    scene.add(
        sh(
            "echo 'exit 0' > deps/judge && git add -f deps/judge && "
            "git -c user.name=a -c user.email=a@example.com commit -qm in"
        )
    )
    scene.tick()
    assert scene.reasons(1)[0] == "environment-committed"
    assert scene.standing(1)[0] == "needs_human"
    assert scene.repo.at("deps/judge") is None


@pytest.mark.parametrize("when", ["before", "after", "without a setup"])
def test_kept_path_that_the_target_tracks_stops_the_project(make: Make, when: str) -> None:
    """What an agent changes there would be lost, and what a gate judges would not be the tree."""
    bare = PIPELINE.replace("  setup: [{run: sh make.sh, timeout: 2m}]\n", "")
    scene = make(bare.replace("sh deps/judge", "true") if when == "without a setup" else PIPELINE)
    if when == "after":
        scene.add(file("a.txt", "x\n"))
        scene.tick()
        assert scene.states() == {1: "done"}
    scene.repo.commit({"deps/judge": "exit 0\n"})
    seq = scene.add(file("b.txt", "x\n"))
    scene.tick()
    assert scene.halted() == "setup-failed"
    assert scene.runs(seq) == []


@pytest.fixture
def listener() -> Iterator[tuple[int, list[int]]]:
    """A service of this machine that counts who comes."""
    seen: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                seen.append(1)
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], seen
        over.set()
        thread.join()


@pytest.mark.parametrize("allowed", [False, True])
def test_setup_reaches_only_the_hosts_that_are_allowed(
    make: Make, listener: tuple[int, list[int]], allowed: bool
) -> None:
    port, seen = listener
    allow = f"  allow: ['127.0.0.1:{port}']\n" if allowed else ""
    scene = make(PIPELINE + allow)
    knock = f"timeout 9 bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}; cat <&3' 2>/dev/null\n"
    scene.repo.commit({"make.sh": knock + HONEST})
    scene.add(file("a.txt", "x\n"))
    scene.tick()
    assert scene.states() == {1: "done"}
    assert bool(seen) is allowed
    assert scene.events(1, EventKind.ENVIRONMENT_READY)
