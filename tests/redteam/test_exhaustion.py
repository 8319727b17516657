"""Using up what a machine has: processes, memory, files, descriptors, depth, width, text.

The control of each attack is the same without the bound.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sps.adapters.sandbox_bwrap import BwrapSandbox
from sps.flow.findings import refused
from sps.model.event import EventKind
from sps.ports.sandbox import Box, Launch, Limits
from tests.contract.boxes import ENV, boxed, finish, python, unboxed
from tests.integration.scene import Make, file, scenes, sh
from tests.vault_place import VaultPlace, make_place, naive

pytestmark = pytest.mark.needs("bwrap", "git")

_BOMB = "n=0; while [ $n -lt 80 ]; do sleep 60 & n=$((n+1)); echo $n; done; kill $(jobs -p)"


def _as_nobody(launch: Launch, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a launch as a user whom the kernel holds to a number of processes."""
    words = launch.argv
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        ids = (f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
        words = ("setpriv", *ids, "--", *words)
    return finish(Launch(argv=words, env=launch.env, cwd=launch.cwd))


@pytest.mark.needs("setpriv")
def test_a36_fork_bomb_is_bounded() -> None:
    folder = Path(tempfile.mkdtemp(prefix="sps-bomb-"))
    try:
        made = {}
        for limit in (0, 25):
            bounds = Limits(processes=limit)
            attack = Box(argv=("sh", "-c", _BOMB), cwd="/", env=ENV, limits=bounds)
            ended = _as_nobody(BwrapSandbox().launch(attack), folder)
            made[limit] = int((ended.stdout.split() or [b"0"])[-1])
        assert made[0] == 80, f"the control: {made}"
        assert 0 < made[25] < 30, made
    finally:
        shutil.rmtree(folder)


def test_a36_kernel_ends_the_box_before_us_when_memory_runs_out(tmp_path: Path) -> None:
    look = ("cat", "/proc/self/oom_score_adj")
    ours = int(Path("/proc/self/oom_score_adj").read_text())
    assert int(unboxed(tmp_path, look)) == ours, "the control"
    assert int(boxed(tmp_path, look)) >= ours + 300
    lower = ("sh", "-c", "echo -1000 2>/dev/null >/proc/self/oom_score_adj; " + " ".join(look))
    assert int(boxed(tmp_path, lower).split()[-1]) >= ours


def test_a36_memory_hog_is_bounded_where_a_bound_is_set(tmp_path: Path) -> None:
    hog = python("x = bytearray(600_000_000)\nprint('GOT IT')")
    assert "GOT IT" in unboxed(tmp_path, hog)
    assert "MemoryError" in boxed(tmp_path, hog, limits=Limits(memory_bytes=400_000_000))


def test_a36_file_that_fills_the_disk_is_cut_off(tmp_path: Path) -> None:
    fill = ("sh", "-c", "head -c 3000000 /dev/zero > full; wc -c < full; rm full")
    assert "3000000" in unboxed(tmp_path, fill)
    said = boxed(tmp_path, fill, limits=Limits(file_bytes=1 << 20))
    assert "3000000" not in said
    assert str(1 << 20) in said


def test_a36_descriptors_run_out_for_the_box_alone(tmp_path: Path) -> None:
    code = (
        "import os\n"
        "held = []\n"
        "try:\n"
        "    while len(held) < 200: held.append(os.open('/dev/null', os.O_RDONLY))\n"
        "except OSError: pass\n"
        "print(len(held))\n"
    )
    assert int(unboxed(tmp_path, python(code))) == 200
    assert int(boxed(tmp_path, python(code), limits=Limits(open_files=100))) < 100
    for _ in range(20):  # and here there are as many as before
        with open(os.devnull, "rb"):
            pass


@pytest.fixture
def place(tmp_path: Path) -> VaultPlace:
    return make_place(tmp_path)


_DIG = """
import os, sys
os.chdir(sys.argv[1])
for _ in range(1500):
    os.mkdir("deep")
    os.chdir("deep")
open("bottom", "w").close()
"""


def test_a36_tree_that_is_deeper_than_any_path_costs_nothing_else(place: VaultPlace) -> None:
    workspace, folder = place.prepare()
    subprocess.run([sys.executable, "-c", _DIG, str(folder)], check=True, timeout=60)
    (folder / "good.txt").write_text("good\n")
    with pytest.raises((RecursionError, OSError)):
        shutil.rmtree(folder / "deep")  # the control
    found = place.collect(workspace)
    assert place.files(found.tip)["good.txt"] == "good"
    place.vault.release(place.project, workspace)
    _, fresh = place.prepare()
    assert not (fresh / "deep").exists()


def test_a36_a_thousand_files_are_collected_and_told_in_a_bounded_list(
    tmp_path: Path,
) -> None:
    with scenes(tmp_path, _PIPELINE) as build:
        scene = build()
        scene.add(sh("mkdir many; cd many; seq 1000 | xargs touch"))
        begun = time.process_time()
        assert scene.tick().finished
        assert time.process_time() - begun < 20
        (told,) = scene.events(1, EventKind.RUN_COLLECTED)
        assert len(told.payload["uncommitted"]) <= 50
        listed = scene.repo.git("ls-tree", "-r", "--name-only", "main", "--", "many")
        assert len(listed.splitlines()) == 1000, "the control: a list of all would be as long"


_PIPELINE = """\
version: 1
agent: scripted
stages: [{name: develop, attempts: 1}]
gates: [{name: sound, run: test ! -e broken}]
"""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path, _PIPELINE) as build:
        yield build


@pytest.mark.parametrize(
    "fill",
    ["seq 2000000 > big.txt", "head -c 9000000 /dev/zero | tr '\\0' x > big.txt",
     "head -c 70000000 /dev/urandom > big.bin"],
    ids=["many-lines", "one-line", "binary"],
)  # fmt: skip
def test_a36_huge_change_is_refused_unread_and_kept(make: Make, fill: str) -> None:
    scene = make()
    scene.add(sh(fill))
    scene.add(file("good.txt", "good\n"))
    scene.tick()
    assert scene.standing(1) == ("needs_human", "diff-too-large")
    assert scene.standing(2) == ("done", None)
    tip = str(scene.card(1).tip)
    size = sum(
        int(line.split()[3]) for line in scene.vault("ls-tree", "-r", "-l", tip).splitlines()
    )
    assert size > 8_000_000, "the control: a reader of all of it would hold as much; and it is kept"
    events = sum(len(str(event.payload)) for event in scene.all_events())
    assert events < 200_000


def test_a36_difference_is_cut_where_a_naive_one_grows(place: VaultPlace) -> None:
    base = place.head
    tip = place.work("big.txt", "line of text\n" * 400_000)
    naively = naive(f"--git-dir={place.home.vault('demo')}", "diff", base, tip, cwd=place.root)
    assert len(naively) > 4_000_000, "the control"
    diff = place.vault.diff(place.project, base, tip)
    assert (len(diff.text) <= 2 << 20, diff.truncated) == (True, True)
    assert [finding.code for finding in refused(diff)] == ["diff-too-large"]
