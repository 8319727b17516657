"""What goes wrong around the dispatcher is told and waited out; nobody else is held up by it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sps.bootstrap import Wired
from sps.daemon.claim import Scope, admit_all, claim
from sps.daemon.dispatcher import SCAN_S, Dispatcher
from sps.daemon.shares import Shares
from sps.model.card import CardState
from sps.model.errors import Held, SpsError
from sps.model.project import Project
from sps.ports.store import Message, Reading
from tests.fakes.clock import FakeClock
from tests.fakes.small_world import card_in, small_world

_PATIENCE_S = 30.0


class Store:
    """The real store, which can refuse to write."""

    def __init__(self, world: Wired) -> None:
        self._real = world.store
        self.failure: SpsError | OSError | None = None
        self.read = self._real.read

    def write(self, change: Callable[..., object]) -> object:
        if self.failure is not None:
            raise self.failure
        return self._real.write(change)

    def close(self) -> None:
        self._real.close()


class SlowEngine:
    """An engine with launches whose bodies take as long to end as the test wants."""

    def __init__(self) -> None:
        self.cancels: list[str] = []
        self.begun: list[str] = []
        self.may_end = asyncio.Event()

    def running(self) -> frozenset[str]:
        return frozenset() if self.may_end.is_set() else frozenset(self.begun)

    async def submit(self, workflow_id: str) -> bool:
        self.begun.append(workflow_id)
        return True

    async def wait(self, workflow_id: str) -> None:
        await self.may_end.wait()

    async def cancel(self, workflow_id: str) -> bool:
        self.cancels.append(workflow_id)
        await self.may_end.wait()
        return True


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Wired]:
    it = small_world(tmp_path / "home")
    vars(it).update(clock=FakeClock(autojump=0.01), store=Store(it))
    yield it
    it.store.close()


def _second(world: Wired, name: str) -> None:
    project = Project(
        name=name, id=name, repo="/nowhere", branch="main", agent="scripted",
        created_at=world.clock.now(),
    )  # fmt: skip
    world.store.write(lambda tx: tx.add_project(project))


def _outbox(world: Wired, kind: str) -> list[str]:
    def question(tx: Reading) -> list[str]:
        return [message.key for message in tx.outbox(kind=kind)]

    return world.store.read(question)


async def _until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - threads change what is waited for
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def _ended(task: asyncio.Task[object]):  # type: ignore[no-untyped-def]
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_locked_database_is_waited_out_and_told_once(
    world: Wired, caplog: pytest.LogCaptureFixture
) -> None:
    store = world.store
    card = card_in(world, CardState.READY)

    async def scene() -> None:
        engine = SlowEngine()
        dispatcher = Dispatcher(world, engine)
        store.failure = Held("database-locked", "somebody writes")  # type: ignore[attr-defined]
        work = asyncio.create_task(dispatcher.run(until_quiet=False))
        async with _ended(work):
            await _until(lambda: caplog.text.count("turn failed again") >= 2)
            assert dispatcher.trouble == "database-locked"
            store.failure = OSError(28, "no space")  # type: ignore[attr-defined]
            await _until(lambda: dispatcher.trouble == "disk-full")
            store.failure = None  # type: ignore[attr-defined]
            # The launch begins in the middle of a turn, which ends the trouble at its end.
            await _until(lambda: engine.begun and dispatcher.trouble is None)
            assert not work.done()

    with caplog.at_level(logging.INFO):
        asyncio.run(scene())
    errors = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert [one.__dict__["code"] for one in errors] == ["database-locked", "disk-full"]
    assert world.store.read(lambda tx: tx.card(card.id)).state == "running"  # type: ignore[union-attr]


def test_who_waits_for_the_end_is_told_of_lasting_trouble(world: Wired) -> None:
    card_in(world, CardState.READY)
    world.store.failure = Held("database-locked", "x")  # type: ignore[attr-defined]
    began = world.clock.steady()
    with pytest.raises(Held, match="x"):
        asyncio.run(Dispatcher(world, SlowEngine()).run(until_quiet=True))
    assert 60 <= world.clock.steady() - began < 120


def test_launch_that_does_not_end_holds_up_nobody_and_is_cancelled_once(world: Wired) -> None:
    card = card_in(world, CardState.READY)
    world.store.write(lambda tx: tx.post(Message(kind="cancel", key=f"{card.id}:0"), 1))
    other = card_in(world, CardState.READY)

    async def scene() -> None:
        engine = SlowEngine()
        dispatcher = Dispatcher(world, engine)
        for _ in range(3):
            async with asyncio.timeout(_PATIENCE_S):
                await dispatcher.turn()
            await asyncio.sleep(0)
        assert engine.cancels == [f"{card.id}:0"]
        assert engine.begun == [f"{other.id}:1"]  # the card itself waits for its old launch
        assert _outbox(world, "cancel") == [f"{card.id}:0"]
        engine.may_end.set()
        await _until(lambda: not _outbox(world, "cancel"))
        await dispatcher.turn()
        assert f"{card.id}:1" in engine.begun
        await dispatcher.close()

    asyncio.run(scene())


def test_target_that_hangs_holds_up_no_turn_and_is_asked_at_scans_only(
    world: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def hang(_: object, name: str) -> None:
        asked.append(name)
        await asyncio.Event().wait()

    async def done(_: object, name: str) -> None:
        asked.append(name)

    _second(world, "other")
    card_in(world, CardState.READY)

    def halt_other() -> None:
        from sps.flow.halt import set_halt

        world.store.write(lambda tx: set_halt(world, tx, "other", "base-red", "red"))

    halt_other()

    async def scene() -> None:
        monkeypatch.setattr("sps.daemon.dispatcher.RedGates.recheck", hang)
        engine = SlowEngine()
        dispatcher = Dispatcher(world, engine)
        await dispatcher.turn()
        assert len(engine.begun) == 1
        await asyncio.sleep(0)
        assert asked == ["other"]
        await dispatcher.close()
        monkeypatch.setattr("sps.daemon.dispatcher.RedGates.recheck", done)
        dispatcher.ring()
        await dispatcher.turn()
        await asyncio.sleep(0)
        assert asked == ["other"]
        world.clock.set_wall(world.clock.now())
        await world.clock.sleep(SCAN_S)
        await dispatcher.turn()
        await asyncio.sleep(0)
        assert asked == ["other", "other"]
        engine.may_end.set()
        await dispatcher.close()

    asyncio.run(scene())


def _scope(*projects: str) -> Scope:
    return Scope(projects=projects, running=frozenset(), scanned=True, limit=8, shares=Shares())


def test_broken_pipeline_stops_its_project_and_no_other(world: Wired) -> None:
    good = card_in(world, CardState.READY)
    world.home.pipeline("demo").rename(world.home.root / "kept")
    _second(world, "other")
    (world.home.root / "kept").rename(world.home.pipeline("demo"))
    world.store.write(lambda tx: _ready(world, tx, "other"))
    assert claim(world, _scope("demo", "other")).served == ("demo",)
    halted = {p.name: p.halted for p in world.store.read(lambda tx: tx.projects())}
    assert halted == {"demo": None, "other": "pipeline-broken"}
    found = world.store.read(lambda tx: tx.card(good.id))
    assert found is not None
    assert found.state == "running"


def _ready(world: Wired, tx, project: str) -> None:  # type: ignore[no-untyped-def]
    from sps.model.card import Card, CardText
    from sps.services.ingest import added

    at = world.clock.now()
    card = Card(
        project=project, seq=1, id=world.ids.new(), text=CardText(title="x"),
        state=CardState.READY, created_at=at, updated_at=at,
    )  # fmt: skip
    tx.add_card(card, added(card, at))


def test_cards_that_wait_for_each_other_are_all_told_and_a_long_chain_is_quick(
    world: Wired,
) -> None:
    def fill(tx) -> None:  # type: ignore[no-untyped-def]
        from sps.model.card import Card, CardText
        from sps.services.ingest import added

        waits = {1: (2,), 2: (1,), 3: (1,), 4: ()} | {seq: (seq - 1,) for seq in range(5, 1500)}
        for seq, after in waits.items():
            at = world.clock.now()
            card = Card(
                project="demo", seq=seq, id=f"C{seq}", text=CardText(title="x", after=after),
                state=CardState.BACKLOG, created_at=at, updated_at=at,
            )  # fmt: skip
            tx.add_card(card, added(card, at))

    world.store.write(fill)
    assert admit_all(world, _scope("demo")) == 3

    def standing(seq: int) -> tuple[str, str | None]:
        card = world.store.read(lambda tx: tx.card_by_seq("demo", seq))
        assert card is not None
        return card.state.value, card.reason

    assert standing(1) == standing(2) == ("needs_human", "cycle")
    assert standing(3) == standing(5) == ("backlog", None)
    assert standing(4) == ("ready", None)
    assert admit_all(world, _scope("demo")) == 0


def test_stop_that_comes_with_a_ring_is_obeyed(world: Wired) -> None:
    """The ring wakes the dispatcher in the same moment in which it is told to stop."""

    async def life() -> bool:
        dispatcher = Dispatcher(world, SlowEngine())  # type: ignore[arg-type]
        quiet = asyncio.Event()
        dispatcher.on_turn = lambda _: quiet.set()
        work = asyncio.create_task(dispatcher.run(until_quiet=False))
        async with asyncio.timeout(_PATIENCE_S):
            await quiet.wait()
            await asyncio.sleep(0)  # now it waits for a ring
            dispatcher.ring()
            work.cancel()
            await asyncio.wait([work], timeout=_PATIENCE_S / 10)
            ended = work.cancelled()
            work.cancel()
            await asyncio.wait([work])
        return ended

    assert asyncio.run(life())
