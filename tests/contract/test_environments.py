"""Kept environments: whole or not there, never changed, never dropped while in use."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from sps.adapters.environment_folders import EnvironmentFolders
from sps.model.errors import WorkFailed
from sps.ports.environments import Failed, Made, Recipe
from sps.ports.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


@pytest.fixture
def kept(home: Home) -> EnvironmentFolders:
    return EnvironmentFolders(home)


def publish(kept: EnvironmentFolders, root: Path, name: str = "one", *, own: bool = False) -> Made:
    made = root / "deps"
    made.mkdir(parents=True, exist_ok=True)
    (made / "name").write_text(f"{root}/deps\n")
    (made / "data").write_bytes(b"\0" + os.fsencode(root))
    recipe = Recipe(key="k", tree="t", own=own, root=str(root), keep=("deps",), made_at=5)
    return kept.publish("p", name, recipe)


def test_what_is_published_is_found_with_all_that_is_known(
    kept: EnvironmentFolders, tmp_path: Path
) -> None:
    made = publish(kept, tmp_path / "w")
    found = kept.find("p", "one")
    assert found is not None
    assert (found.stamp, found.files, found.key, found.made_at) == (made.stamp, 2, "k", 5)
    assert found.mentions == {"deps": ("name",)}  # what is no text is left as it is
    assert kept.find("p", "two") is None
    assert kept.all("q") == []


def test_same_contents_have_the_same_stamp_and_others_another(
    kept: EnvironmentFolders, tmp_path: Path
) -> None:
    one, two = (publish(kept, tmp_path / "w", name) for name in ("one", "two"))
    assert one.stamp == two.stamp
    (tmp_path / "w" / "deps" / "data").chmod(0o755)
    assert publish(kept, tmp_path / "w", "three").stamp != one.stamp


def test_own_environment_is_adopted_once_and_only_when_nobody_uses_it(
    kept: EnvironmentFolders, tmp_path: Path
) -> None:
    publish(kept, tmp_path / "w", "own", own=True)
    with kept.lease("p", "own"):
        assert kept.adopt("p", "own", "shared") is None
    adopted = kept.adopt("p", "own", "shared")
    assert adopted is not None
    assert (adopted.name, adopted.own) == ("shared", False)
    assert kept.fault(adopted) == ""
    assert kept.find("p", "own") is None
    assert kept.adopt("p", "own", "other") is None


def test_maker_that_died_leaves_nothing_that_counts(
    kept: EnvironmentFolders, home: Home, tmp_path: Path
) -> None:
    half = home.environments("p") / ".half" / "one" / "content" / "deps"
    half.mkdir(parents=True)
    (half / "part").write_text("x")
    assert kept.all("p") == []
    alive = kept.lock("p", "one")
    assert alive.take()
    kept.sweep()
    assert half.exists()  # somebody makes it now
    alive.release()
    kept.sweep()
    assert not half.exists()
    assert publish(kept, tmp_path / "w").files == 2


def test_record_that_cannot_be_read_is_made_anew(
    kept: EnvironmentFolders, home: Home, tmp_path: Path
) -> None:
    publish(kept, tmp_path / "w")
    (home.environments("p") / "one" / "record.json").write_text("{")
    assert kept.find("p", "one") is None
    assert kept.fault(publish(kept, tmp_path / "w")) == ""


def test_two_may_use_it_and_nobody_makes_or_drops_it_meanwhile(
    kept: EnvironmentFolders, tmp_path: Path
) -> None:
    publish(kept, tmp_path / "w")
    with kept.lease("p", "one") as first, kept.lease("p", "one") as second:
        assert first == second is not None
        assert not kept.drop("p", "one")
        assert not kept.lock("p", "one").take()
    assert kept.drop("p", "one")
    with kept.lease("p", "one") as gone:
        assert gone is None


def test_locks_go_with_what_they_were_for_and_never_under_somebodys_hands(
    kept: EnvironmentFolders, home: Home, tmp_path: Path
) -> None:
    locks = home.environments("p") / ".locks"

    def left() -> set[str]:
        return set(os.listdir(locks))

    for name in ("one", "two", "own"):
        publish(kept, tmp_path / "w", name, own=name == "own")
        maker = kept.lock("p", name)
        assert maker.take()
        maker.release()
    with kept.lease("p", "never-made") as nothing:
        assert nothing is None
    making = kept.lock("p", "in-the-making")
    assert making.take()
    assert kept.drop("p", "one")
    assert kept.adopt("p", "own", "shared") is not None
    assert left() == {"two", "never-made", "in-the-making"}
    kept.sweep()
    assert left() == {"two", "in-the-making"}
    assert not kept.lock("p", "in-the-making").take()
    making.release()


def test_failures_can_be_noted_by_many_at_once(kept: EnvironmentFolders) -> None:
    failed, wrong = Failed(at=1, detail="d", text="t", log="l"), list[Exception]()

    def note(who: int) -> None:
        try:
            for number in range(60):
                kept.fail("p", f"n{who}-{number}", failed)
        except OSError as err:
            wrong.append(err)

    threads = [threading.Thread(target=note, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_failure_is_remembered_until_it_works_and_not_for_ever(
    kept: EnvironmentFolders, home: Home, tmp_path: Path
) -> None:
    failed = Failed(at=1, detail="d", text="t", log="l")
    for number in range(25):
        kept.log("p", f"n{number}", 1).write_text("output")
        kept.fail("p", f"n{number}", failed)
        place = home.environments("p") / ".failed" / f"n{number}"
        os.utime(place, (number, number))
    assert kept.failed("p", "n24") == failed
    assert kept.failed("p", "n3") is None
    assert not kept.log("p", "n3", 1).exists()
    publish(kept, tmp_path / "w", "n24")
    assert kept.failed("p", "n24") is None


def test_refusal_leaves_the_one_before_as_it_was(kept: EnvironmentFolders, tmp_path: Path) -> None:
    publish(kept, tmp_path / "w")
    (tmp_path / "w" / "deps" / "out").symlink_to("/etc/shadow")
    with pytest.raises(WorkFailed):
        publish(kept, tmp_path / "w", "two")
    assert [made.name for made in kept.all("p")] == ["one"]


def test_identity_follows_the_toolchains(
    kept: EnvironmentFolders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    program = tmp_path / ".pyenv" / "shims" / "python3"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    none = kept.toolbox(()).identity
    first = kept.toolbox(("~/.pyenv",))
    assert first.identity != none == kept.toolbox(()).identity
    assert first.env == {"PYENV_ROOT": str(tmp_path / ".pyenv")}
    assert first.path == (str(program.parent),)
    (tmp_path / ".pyenv" / "version").write_text("3.13\n")
    second = kept.toolbox(("~/.pyenv",)).identity
    program.write_text("#!/bin/sh\n# newer\n")
    third = kept.toolbox(("~/.pyenv",)).identity
    assert len({first.identity, second, third}) == 3


@pytest.mark.parametrize(
    "link,real,expected",
    [
        ("", ".local/bin/uv", "~/.local/bin"),  # more of it holds keys
        ("", ".odd/shims/uv", "~/.odd"),
        (".local/bin/uv", ".local/pipx/venvs/uv/bin/uv", "~/.local/pipx/venvs/uv"),
        ("node/v20/bin/uv", "node/v20/lib/node_modules/uv/bin/uv", "~/node/v20"),
        ("", "uv", None),  # a home itself is never shown
    ],
)
def test_folder_that_a_program_needs_is_the_smallest_that_works(
    kept: EnvironmentFolders,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    link: str,
    real: str,
    expected: str | None,
) -> None:
    home = tmp_path / "owner"
    monkeypatch.setenv("HOME", str(home))
    program = home / real
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    seen = home / (link or real)
    if link:
        seen.parent.mkdir(parents=True)
        seen.symlink_to(program)
    monkeypatch.setenv("PATH", f"{seen.parent}:/usr/bin:/bin")
    assert kept.outside("uv") == ((expected,) if expected else ())
    if expected:
        assert str(seen.parent) in kept.toolbox((expected,)).path or link.startswith(".local")
    assert kept.outside("ls") == kept.outside("no-such-program") == ()
