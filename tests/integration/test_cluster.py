"""Three workers and a home as separate processes: one dies, one sleeps, the database restarts."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.cluster.bed import Bed, Machine, bed
from tests.fakes import postgres_server

pytestmark = [pytest.mark.needs("postgres"), pytest.mark.slow]

CARDS = 14
_BUSY = "SELECT id FROM sps.runs WHERE ended_at = 0 AND pid > 0 AND worker LIKE %s"
_TAKEN = "SELECT id FROM sps.runs WHERE detail LIKE 'its worker is gone%%' AND worker LIKE %s"


def _name(machine: Machine) -> str:
    return "%" + machine.tag.rstrip("/")[-8:].lower()


def _works(scene: Bed, machine: Machine) -> bool:
    return (machine.home / "id").exists() and bool(scene.ask(_BUSY, _name(machine)))


def test_cards_survive_a_death_a_sleep_and_a_restart_of_the_database(tmp_path: Path) -> None:
    with postgres_server.server() as server, bed(tmp_path, server) as scene:
        scene.cards(CARDS, seconds=2.0)
        scene.up()
        dies, sleeps, lives = (scene.worker(f"w{number}") for number in range(3))
        for machine in (dies, sleeps, lives):
            scene.until(lambda one=machine: _works(scene, one), 60, "a worker gets no card")

        scene.until(lambda: _works(scene, dies) and _works(scene, sleeps), 30, "nothing to take")
        sleeps.send(signal.SIGSTOP)
        dies.send(signal.SIGKILL)
        dead = time.monotonic()
        scene.until(lambda: scene.ask(_TAKEN, _name(dies)), 20, "nobody takes over from the dead")
        assert time.monotonic() - dead < 15.0
        scene.until(lambda: scene.ask(_TAKEN, _name(sleeps)), 20, "nor from who sleeps")

        server.stop(signal.SIGQUIT)
        server.start()
        sleeps.send(signal.SIGCONT)
        log = sleeps.home / "logs" / "daemon.log"
        scene.until(lambda: "lease lost" in log.read_text(), 20, "it does not notice")
        scene.until(lambda: _alive(scene, sleeps), 40, "it does not come back")
        assert dies.process.wait(10) == -signal.SIGKILL
        assert sleeps.process.poll() is None

        scene.until(lambda: scene.states()["done"] == CARDS, 120, "not everything gets done")
        for machine in (dies, sleeps):
            assert machine.agents() == {}
        assert scene.judge(CARDS) == []


def _alive(scene: Bed, machine: Machine) -> bool:
    question = "SELECT 1 FROM sps.workers WHERE id LIKE %s AND expires_at > sps.now_ms()"
    return bool(scene.ask(question, _name(machine)))
