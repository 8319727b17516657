"""What a worker may and must do: its lease, its seat, and a vault whose authority is elsewhere."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psycopg
import pytest

from sps.adapters.git_vault import GitVault, trees
from sps.adapters.git_vault.member import MemberVault, checked_place
from sps.adapters.store_postgres import PostgresStore, open_store
from sps.adapters.store_postgres.lease import PostgresLease
from sps.flow.fleet import mine
from sps.model.card import CardState
from sps.model.errors import Held, Misuse, WorkFailed
from sps.model.pipeline import Land
from sps.model.project import Identity, Project
from sps.model.transitions import Verb, move
from sps.ports.home import Home
from sps.ports.lease import RENEW_S, TTL_S
from sps.ports.store import Message, Worker, Writing
from sps.ports.world import World
from tests.contract.store_suite import a_card, a_project, put
from tests.fakes.postgres_server import Server, database_for, drop_database


@pytest.fixture
def url(postgres: Server, tmp_path: Path) -> Iterator[str]:
    yield database_for(tmp_path)
    drop_database(tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[PostgresStore]:
    opened = open_store(url, create=True, home="home-1")
    yield opened
    opened.close()


def _worker(name: str, host: str = "here") -> Worker:
    return Worker(id=name, role="worker", host=host, pid=1, started_at=1)


needs_server = pytest.mark.needs("postgres")


@needs_server
def test_lease_is_held_while_renewed_and_lost_for_good_when_not(
    url: str, store: PostgresStore, tmp_path: Path
) -> None:
    lease = PostgresLease(url, tmp_path)
    lease.take(_worker("a"))
    assert [one.alive for one in store.read(lambda tx: tx.workers())] == [True]
    assert lease.renew() is True
    # As if its time had passed: from then on it never lives again under this lease.
    with psycopg.connect(url, autocommit=True) as by_hand:
        by_hand.execute(b"UPDATE sps.workers SET expires_at = sps.now_ms() - 1")
    assert lease.renew() is False
    lease.release()
    assert store.read(lambda tx: tx.workers()) == []


@needs_server
def test_name_is_taken_over_in_the_same_folder_and_refused_to_a_copy_of_it_on_this_machine_too(
    url: str, store: PostgresStore, tmp_path: Path
) -> None:
    mine, copied = tmp_path / "mine", tmp_path / "copied here"
    for folder in (mine, copied):
        folder.mkdir()
    first, heir, copy = (PostgresLease(url, folder) for folder in (mine, mine, copied))
    first.take(_worker("a"))
    with pytest.raises(Held) as caught:
        copy.take(_worker("a"))
    err = caught.value
    assert (err.code, err.where) == ("worker-name-taken", str(copied))
    assert "process 1 on here" in err.message
    assert err.hint == f"rm '{copied}'/id && SPS_HOME='{copied}' sps worker run"
    assert first.renew() is True
    heir.take(_worker("a"))
    assert (first.renew(), heir.renew()) == (False, True)
    moved = mine.rename(tmp_path / "moved")
    later = PostgresLease(url, moved)
    later.take(_worker("a"))  # still the same folder
    later.release()
    copy.take(_worker("a"))  # nobody has it
    for lease in (first, heir, copy):
        lease.release()


@needs_server
def test_second_home_on_one_database_is_refused_and_a_worker_is_not(
    url: str, store: PostgresStore
) -> None:
    with pytest.raises(Misuse) as caught:
        open_store(url, create=True, home="home-2")
    assert (caught.value.code, caught.value.hint) == ("other-home", "sps worker run")
    open_store(url, create=False, home="home-1").close()
    open_store(url, create=False).close()


@needs_server
def test_seats_of_all_living_workers_count_together_and_those_of_the_dead_do_not(
    url: str, store: PostgresStore, tmp_path: Path
) -> None:
    at_work = {1: "a", 2: "b", 3: "a", 4: "a"}
    state = CardState.RUNNING
    put(store, *[a_card(seq, state=state, worker=who) for seq, who in at_work.items()])
    leases = {name: PostgresLease(url, tmp_path) for name in ("a", "b")}
    for name, lease in leases.items():
        lease.take(_worker(name))

    def take(seq: int, worker: str) -> bool:
        return store.write(lambda tx: tx.take_seat(f"shop-{seq}", "shop", worker, 2))

    assert [take(1, "a"), take(2, "b"), take(3, "a"), take(1, "a")] == [True, True, False, True]
    store.write(lambda tx: tx.leave_seat("shop-1", "b"))  # not its own
    assert not take(3, "a")
    leases["b"].release()
    assert take(3, "a")
    assert not take(4, "a")
    # A seat that could not be left, because the database was away, ends with the card's work.
    card = store.read(lambda tx: tx.card("shop-3"))
    assert card is not None
    store.write(lambda tx: tx.save(move(card, Verb.WORKED, at=9)))
    assert take(4, "a")
    store.write(lambda tx: tx.leave_all_seats("a"))
    leases["a"].release()


@needs_server
def test_orders_reach_the_worker_they_are_for_and_anybody_once_it_is_dead(
    url: str, store: PostgresStore, tmp_path: Path
) -> None:
    leases = {name: PostgresLease(url, tmp_path) for name in ("a", "b")}
    for name, lease in leases.items():
        lease.take(_worker(name))
    put(store, a_card(1, worker="a", generation=1), a_card(2, worker="b", generation=1))

    def post(tx: Writing) -> None:
        for seq, worker in ((1, "a"), (2, "b")):
            tx.post(Message(kind="start", key=f"shop-{seq}:1"), 1)
            tx.post(Message(kind="cancel", key=f"shop-{seq}:0", payload=worker), 1)

    store.write(post)

    def seen(worker: str, kind: str) -> list[str]:
        us = cast("World", SimpleNamespace(worker=worker))
        return [message.key for message in store.read(lambda tx: mine(us, tx, kind))]

    assert [seen("a", "start"), seen("b", "start")] == [["shop-1:1"], ["shop-2:1"]]
    assert [seen("a", "cancel"), seen("b", "cancel")] == [["shop-1:0"], ["shop-2:0"]]
    leases["b"].release()
    assert seen("a", "start") == ["shop-1:1", "shop-2:1"]
    assert seen("a", "cancel") == ["shop-1:0", "shop-2:0"]
    leases["a"].release()


def test_lease_outlasts_a_missed_renewal() -> None:
    assert TTL_S >= 3 * RENEW_S


# --- the vault -----------------------------------------------------------------------------------


class Place:
    """A home with a vault, and a worker's folder that knows where it is."""

    def __init__(self, folder: Path) -> None:
        self.repo = folder / "repo"
        self.repo.mkdir()
        self.git("init", "-q", "-b", "main")
        (self.repo / "a.txt").write_text("a\n")
        self.git("add", "-A")
        self.git("commit", "-qm", "start")
        self.project = Project(
            **{**_fields(a_project("shop", repo=str(self.repo))), "identity": Identity("o", "o@e")}
        )
        self.home = GitVault(Home(folder / "home"))
        self.home.create(self.project)
        self.vaults = folder / "home" / "projects"
        root = folder / "worker"
        root.mkdir()
        self.worker = MemberVault(Home(root), lambda: checked_place(str(self.vaults)))

    def git(self, *words: str) -> str:
        flags = ["-c", "user.name=o", "-c", "user.email=o@example.com"]
        done = subprocess.run(
            ["git", *flags, *words], cwd=self.repo, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def work(self, run_id: str) -> str:
        """Let somebody write a file in a workspace of the worker, and collect it."""
        base = self.worker.refresh(self.project, Land()).commit
        place = self.worker.prepare(self.project, base)
        (Path(place.path) / "b.txt").write_text("b\n")
        tip = self.worker.collect(self.project, place, run_id, "work").tip
        self.worker.release(self.project, place)
        return tip


def _fields(project: Project) -> dict[str, object]:
    return {name: getattr(project, name) for name in project.__struct_fields__}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_work_that_was_collected_anew_while_the_home_was_away_reaches_it_at_the_next_start(
    place: Place,
) -> None:
    base = place.worker.refresh(place.project, Land()).commit
    workspace = place.worker.prepare(place.project, base)
    file, away = Path(workspace.path) / "b.txt", place.vaults.with_name("away")
    file.write_text("b\n")
    place.worker.collect(place.project, workspace, "01RUN", "work")
    file.write_text("c\n")
    place.vaults.rename(away)
    with pytest.raises(WorkFailed):
        place.worker.collect(place.project, workspace, "01RUN", "work")
    away.rename(place.vaults)
    place.worker.abandoned(place.project)
    (tip,) = place.home.refs(place.project, "refs/sps/runs/01RUN").values()
    assert place.home.read_file(place.project, tip, "b.txt", 10) == b"c\n"


def test_work_of_a_worker_is_in_the_homes_vault_before_anybody_hears_of_it(place: Place) -> None:
    tip = place.work("01RUN")
    assert place.home.exists(place.project, tip)
    assert tip in place.home.refs(place.project, "refs/sps/runs/01RUN").values()


def test_another_machine_goes_on_with_the_merged_tree(place: Place, tmp_path: Path) -> None:
    tip = place.work("01RUN")
    base = place.worker.refresh(place.project, Land()).commit
    tree = place.worker.merge(place.project, base, tip).tree
    (tmp_path / "second").mkdir()
    second = MemberVault(Home(tmp_path / "second"), lambda: str(place.vaults))
    found = second.checkout(place.project, tree)
    assert (Path(found.path) / "b.txt").read_text() == "b\n"
    assert place.home.tree_of(place.project, tree) == tree


def test_merged_trees_are_forgotten_a_day_later_but_for_those_of_open_cards(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.worker.refresh(place.project, Land())
    base = place.worker.refresh(place.project, Land()).commit
    names = []
    for number in range(5):
        (place.repo / "c.txt").write_text(f"{number}\n")
        place.git("add", "-A")
        place.git("commit", "-qm", f"more {number}")
        tip = place.home.refresh(place.project, Land()).commit
        names.append(place.worker.merge(place.project, base, tip).tree)
    over, open_, late, fresh, packed = names  # packed is old too
    work = place.home.refs(place.project, "refs/heads")

    def left() -> set[str]:
        return set(place.home.refs(place.project, "refs/sps/trees/").values())

    vault = place.vaults / "shop" / "vault.git"
    subprocess.run(["git", f"--git-dir={vault}", "pack-refs", "--all"], check=True)
    for name in (over, open_, late, fresh):
        loose = vault / "refs" / "sps" / "trees" / name
        loose.parent.mkdir(parents=True, exist_ok=True)
        loose.write_text(f"{name}\n")
        if name != fresh:
            os.utime(loose, (1, 1))
    monkeypatch.setattr(trees, "_AT_ONCE", 2)
    assert place.home.forget_trees(place.project, {open_}, before=60_000) == 2
    assert place.home.forget_trees(place.project, {open_}, before=60_000) == 1
    assert place.home.forget_trees(place.project, {open_}, before=60_000) == 0
    assert left() == {open_, fresh}
    assert place.home.refs(place.project, "refs/heads") == work
    assert place.home.fsck(place.project) == []
    # Whoever still asks for one finds it: nothing that was in the vault is gone.
    (tmp_path / "second").mkdir()
    second = MemberVault(Home(tmp_path / "second"), lambda: str(place.vaults))
    found = second.checkout(place.project, packed)
    assert (Path(found.path) / "c.txt").read_text() == "4\n"


def test_worker_follows_what_the_home_has_landed_and_never_reaches_the_target(
    place: Place,
) -> None:
    place.worker.refresh(place.project, Land())
    place.git("commit", "-q", "--allow-empty", "-m", "more")
    now = place.home.refresh(place.project, Land()).commit
    seen = place.worker.refresh(place.project, Land())
    assert (seen.commit, seen.fetched) == (now, True)
    with pytest.raises(Misuse) as caught:
        place.worker.push(place.project, Land(), now, now)
    assert caught.value.code == "not-the-home"


def test_home_that_does_not_answer_keeps_the_work_until_it_does(place: Place) -> None:
    base = place.worker.refresh(place.project, Land()).commit
    slot = place.worker.prepare(place.project, base)
    (Path(slot.path) / "b.txt").write_text("b\n")
    away = place.vaults.with_name("away")
    place.vaults.rename(away)
    with pytest.raises(WorkFailed) as caught:
        place.worker.collect(place.project, slot, "01RUN", "work")
    assert caught.value.code == "home-unreachable"
    away.rename(place.vaults)
    place.worker.abandoned(place.project)  # what the next start does first
    assert place.home.refs(place.project, "refs/sps/runs/01RUN")


@pytest.mark.parametrize(
    "text", ["", "relative/path", "ext::sh -c id", "ssh://-oProxyCommand=id/x", "--upload-pack=x",
             "https://host/x", "file:///x", "/a\nb"],
)  # fmt: skip
def test_only_a_folder_or_ssh_can_be_the_place_of_the_vaults(text: str) -> None:
    with pytest.raises(Misuse):
        checked_place(text)
    assert (
        checked_place("ssh://u@host/home/u/.sps/projects/") == "ssh://u@host/home/u/.sps/projects"
    )
