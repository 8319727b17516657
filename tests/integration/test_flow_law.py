"""What lands has passed the gates that are in force when it lands, and an owner's word counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sps.adapters.git_vault import GitVault
from sps.model.card import CardState
from sps.model.errors import Held
from sps.model.project import Project
from sps.ports.store import Landing
from sps.ports.vault import Collected, Workspace
from sps.services.decide_card import approve_card
from sps.services.ingest import ingest
from sps.services.move_card import cancel_card, comment_card
from sps.services.verify import verify
from tests.integration.scene import Make, Scene, file, scenes, sh

pytestmark = pytest.mark.needs("bwrap", "git")

_PERSON = """\
version: 1
agent: scripted
stages:
  - {name: develop, attempts: 2}
  - {name: look, kind: review, approve: person}
gates: [{name: sound, run: test ! -e broken}]
"""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path) as build:
        yield build


def test_gate_that_was_added_while_a_card_waited_has_to_pass_before_it_lands(make: Make) -> None:
    scene = make(_PERSON)
    scene.add(file("a.txt", "a\n"))
    assert not scene.tick().finished
    stricter = _PERSON.replace("gates: [", "gates: [{name: never, run: test ! -e a.txt}, ")
    scene.world.pipeline_files.install("p", stricter)
    approve_card(scene.world, "p", 1)
    scene.tick()
    assert scene.card(1).state is not CardState.DONE
    assert scene.repo.at("a.txt") is None
    assert "gate-failed" in scene.reasons(1)


def test_accept_that_was_added_while_a_card_waited_is_named_by_the_landing(make: Make) -> None:
    scene = make(_PERSON)
    scene.add(file("a.txt", "a\n"))
    scene.tick()
    path = scene.path(1)
    path.write_text(path.read_text().replace("\n---\n", '\naccept: ["test -e a.txt"]\n---\n', 1))
    ingest(scene.world, "p")
    approve_card(scene.world, "p", 1)
    assert scene.tick().finished
    assert scene.repo.trailers()["Gates"] == "sound, accept-1"
    assert verify(scene.world).ok


def test_card_cannot_be_taken_away_while_the_target_may_hold_it_already(make: Make) -> None:
    scene = make(_PERSON)
    scene.add(file("a.txt", "a\n"))
    scene.tick()
    approve_card(scene.world, "p", 1)
    card = scene.card(1)
    intent = Landing(
        card_id=card.id, generation=card.generation, base=card.tree_base or "",
        tip=card.tip or "", tree=card.tree or "", at=1, commit="0" * 40, state="gated",
    )  # fmt: skip
    scene.world.store.write(lambda tx: tx.save_landing(intent))
    with pytest.raises(Held, match="landed"):
        cancel_card(scene.world, "p", 1)
    settled = msgspec.structs.replace(intent, commit=None, state="intent")
    scene.world.store.write(lambda tx: tx.save_landing(settled))
    assert cancel_card(scene.world, "p", 1).state is CardState.PLANNING


class LateWord(GitVault):
    """A vault whose owner speaks up while the first session's work is being collected."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene.world.home)
        self._scene = scene
        self._spoken = False

    def collect(
        self, project: Project, workspace: Workspace, run_id: str, message: str
    ) -> Collected:
        if not self._spoken:
            self._spoken = True
            comment_card(self._scene.world, "p", 1, "mind the gap")
        return super().collect(project, workspace, run_id, message)


def test_comment_that_came_too_late_for_a_session_is_in_the_next_prompt(make: Make) -> None:
    scene = make()
    vars(scene.world)["vault"] = LateWord(scene)
    scene.add(sh("echo x >> x.txt"))
    assert scene.tick().finished
    runs = scene.runs(1)
    assert [run.attempt for run in runs] == [1, 1]
    assert "mind the gap" not in scene.prompt(runs[0])
    assert "mind the gap" in scene.prompt(runs[1])
    assert not scene.world.store.read(lambda tx: tx.outbox(kind="message"))
