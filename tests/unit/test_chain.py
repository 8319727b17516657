"""What was written down stays, or it shows."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sps.lib import chain
from sps.lib.chain import Chain, Head


def made(folder: Path, lines: int) -> Chain:
    it = Chain(folder)
    for number in range(lines):
        it.append({"msg": "act", "about": f"number {number} \u00e9\u202e\n"})
    return it


def test_lines_of_several_writers_make_one_chain(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: Chain(tmp_path / "a").append({"by": one}), range(40)))
    found = Chain(tmp_path / "a").check()
    assert (found.breaks, found.head.number) == ([], 40)
    assert {json.loads(line)["by"] for _, _, line in Chain(tmp_path / "a").lines()} == set(
        range(40)
    )


def test_a_chain_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert Chain(tmp_path / "none").check().head == Head()
    assert not (tmp_path / "none").exists()


@settings(max_examples=25)
@given(st.data())
def test_no_byte_can_be_changed_unnoticed(data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        it = made(Path(name), 3)
        (path,) = Path(name).glob("0*.jsonl")
        content = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= data.draw(st.integers(1, 255))
        path.write_bytes(bytes(content))
        assert it.check().breaks


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: lines[1:], lambda lines: lines[:2] + lines[3:], lambda lines: lines[:-1],
        lambda lines: [lines[1], lines[0], *lines[2:]], lambda lines: [*lines, lines[-1]],
        lambda lines: [],
    ],
)  # fmt: skip
def test_no_line_can_be_taken_out_moved_doubled_or_cut_off_unnoticed(
    tmp_path: Path, spoil: object
) -> None:
    it = made(tmp_path, 5)
    (path,) = tmp_path.glob("0*.jsonl")
    assert it.check().breaks == []
    path.write_bytes(b"".join(spoil(path.read_bytes().splitlines(keepends=True))))  # type: ignore[operator]
    assert it.check().breaks


def test_what_a_crash_left_of_a_line_is_cut_off_and_the_chain_goes_on(tmp_path: Path) -> None:
    it = made(tmp_path, 2)
    (path,) = tmp_path.glob("0*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"n": 3, "prev": "')
    assert it.check().breaks
    assert it.append({"msg": "after"}).number == 3
    assert it.check().breaks == []


def test_a_crash_between_the_line_and_the_note_about_it_is_no_break(tmp_path: Path) -> None:
    it = made(tmp_path, 2)
    note = (tmp_path / "head.json").read_bytes()
    it.append({"msg": "third"})
    (tmp_path / "head.json").write_bytes(note)
    assert it.check().breaks == []
    assert it.append({"msg": "fourth"}).number == 4
    assert it.check().breaks == []


def test_a_chain_goes_on_from_file_to_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "FILE_LIMIT", 900)
    it = made(tmp_path, 12)
    files = sorted(tmp_path.glob("0*.jsonl"))
    assert len(files) >= 3
    found = it.check()
    assert (found.breaks, found.head.number) == ([], 12)
    files[1].unlink()
    assert it.check().breaks


def test_an_old_head_proves_what_was_there_even_when_all_was_written_anew(tmp_path: Path) -> None:
    it = made(tmp_path / "a", 3)
    old = str(it.check().head)
    it.append({"msg": "later"})
    assert it.check(old).since
    forged = Chain(tmp_path / "b")
    for number in range(4):
        forged.append({"msg": "forged", "number": number})
    found = forged.check(old)
    assert (found.breaks, found.since) == ([], False)


def test_a_line_is_read_by_its_owner_alone_and_never_written_through_a_link(tmp_path: Path) -> None:
    made(tmp_path / "a", 1)
    (path,) = (tmp_path / "a").glob("0*.jsonl")
    assert path.stat().st_mode & 0o777 == 0o600
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    with pytest.raises(OSError, match="symbolic"):
        Chain(tmp_path / "a").append({"msg": "x"})
    assert elsewhere.read_bytes() == before
