"""Gates, remarks and parts from the command line: the same verbs as in the console."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.installed_cli import REVIEWED, make, writing

pytestmark = pytest.mark.needs("git")
PIPELINE = REVIEWED.replace("gates:\n", "gates:\n  - {name: quiet, run: test ! -f loud.txt}\n")


def test_a_red_gate_runs_again_is_waived_and_its_landing_says_so(tmp_path: Path) -> None:
    sps = make(tmp_path, PIPELINE)
    sps("card", "add", "demo", "Too loud", writing("loud.txt"))
    assert sps("tick", "demo").code == 1
    assert sps("card", "show", "demo", "1", "--json").json["reason"] == "gate-failed"
    unknown = sps("card", "regate", "demo", "1", "--gate", "quite")
    assert (unknown.code, 'mean "quiet"' in unknown.err) == (2, True), unknown.err
    assert sps("card", "regate", "demo", "1", "--onward").code == 2
    again = sps("card", "regate", "demo", "1", "--gate", "quiet", "--json")
    assert again.json["state"] == "gating"
    assert sps("tick", "demo").code == 1
    assert sps("card", "waive", "demo", "1", "quiet").code == 2
    waived = sps("card", "waive", "demo", "1", "quiet", "--because", "It may be loud.")
    assert (waived.code, "waived" in waived.out) == (0, True), waived.err
    sps("tick", "demo")
    note = "loud.txt:1: softer"
    assert sps("card", "reject", "demo", "1", "--comment", "Nearly.", "--note", note).code == 0
    shown = sps("card", "show", "demo", "1").out
    assert "1.2 loud.txt:1: softer" in shown
    assert sps("card", "resolve", "demo", "1", "1.2").code == 0
    assert "1.2 (settled) loud.txt:1: softer" in sps("card", "show", "demo", "1").out
    assert sps("card", "resolve", "demo", "1", "7.1").code == 2


def test_a_card_is_split_into_cards_that_it_waits_for(tmp_path: Path) -> None:
    sps = make(tmp_path)
    sps("card", "add", "demo", "Big", "--hold", "--label", "x")
    done = sps("card", "split", "demo", "1", "One", "Two", "--json").json
    assert [(part["title"], part["labels"], part["state"]) for part in done["parts"]] == [
        ("One", ["x"], "planning"), ("Two", ["x"], "planning"),
    ]  # fmt: skip
    assert done["card"]["after"] == [2, 3]
    assert len(sps("card", "split", "demo", "1", "One", "--json").json["parts"]) == 1
    assert len(sps("card", "list", "demo", "--json").json["cards"]) == 3
