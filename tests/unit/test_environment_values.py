"""Small promises around environments: sizes, paths, programs of a command, the order of PATH."""

from __future__ import annotations

from pathlib import Path

import pytest

from sps.flow.outfit import Outfit, kept_paths
from sps.lib import byte_size
from sps.model.pipeline import Environment
from sps.services.environment_health import programs_of


@pytest.mark.parametrize(
    "text,size",
    [
        ("10GiB", 10 * 1024**3),
        ("500M", 500 * 1024**2),
        ("1.5 k", 1536),
        ("7", 7),
        ("2 TB", 2 * 1024**4),
    ],
)
def test_size_is_read_as_people_write_it(text: str, size: int) -> None:
    assert byte_size.parse(text) == size


@pytest.mark.parametrize("text", ["", "-1", "ten", "10 GiBs", "1e3", "0x10", "9" * 40])
def test_other_text_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="size"):
        byte_size.parse(text)


def test_size_is_shown_with_one_unit() -> None:
    assert [byte_size.show(size) for size in (0, 1023, 1536, 10 * 1024**3)] == [
        "0 B", "1023 B", "1.5 KiB", "10.0 GiB",
    ]  # fmt: skip


def test_kept_paths_have_one_spelling_and_none_lies_in_another() -> None:
    environment = Environment(keep=("./a/", "a/b", "ab", "a", "c//d"))
    assert kept_paths(environment) == ("a", "ab", "c/d")


def test_programs_come_from_kept_paths_then_tools_in_their_order(tmp_path: Path) -> None:
    for name in ("node_modules/.bin", ".venv/bin", "no/bin"):
        (tmp_path / name).mkdir(parents=True)
    worn = Outfit(keep=(".venv", "node_modules", "gone"), tools=("/b/bin", "/a/bin"))
    assert worn.path_in(str(tmp_path)) == (
        f"{tmp_path}/.venv/bin", f"{tmp_path}/node_modules/.bin", "/b/bin", "/a/bin",
    )  # fmt: skip


@pytest.mark.parametrize(
    "command,programs",
    [
        ("pytest -q", ["pytest"]),
        ("cd web && CI=1 npm ci && npm test", ["npm"]),
        ("! grep -r TODO src || exit 1", ["grep"]),
        ("./run.sh; $TOOL x; 'quoted' y", []),
        ("if test -e a; then make b; fi", ["make"]),
        ("uv run pytest | tee log", ["uv", "tee"]),
    ],
)
def test_programs_of_a_command_are_its_plain_first_words(command: str, programs: list[str]) -> None:
    assert programs_of(command) == programs
