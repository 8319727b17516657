"""What the card folder promises to everything above it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sps.adapters.card_files import CardFolder
from sps.model.card import BODY_LIMIT, CardText
from sps.model.errors import Absent, Misuse, Stale
from sps.ports.files import CardFileBroken
from sps.ports.home import Home

PROJECT = "p"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.cards(PROJECT).mkdir(parents=True)
    return made


@pytest.fixture
def cards(home: Home) -> CardFolder:
    return CardFolder(home)


def put(home: Home, content: str | bytes, name: str = "1-x.md") -> Path:
    path = home.cards(PROJECT) / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def front(yaml: str, body: str = "") -> str:
    return f"---\n{yaml}\n---\n{body}"


def error_of(cards: CardFolder, name: str = "1-x.md") -> tuple[str, int, int, str]:
    with pytest.raises(CardFileBroken) as caught:
        cards.read(PROJECT, name)
    error = caught.value.error
    assert error.file == name
    assert caught.value.where == f"{name}:{error.line}:{error.column}"
    return error.code, error.line, error.column, error.message


# --- what is written can be read -----------------------------------------------------------------

_line = st.text(
    st.characters(
        exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"
    )
)
_entry = _line.filter(str.strip).map(lambda text: text[:200])
_bodies = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")) | st.lists(
    st.sampled_from(
        [
            "---",
            "```",
            "````sh",
            "title: x",
            "\r",
            "\r\n",
            "\n",
            "",
            " ",
            "# H",
            "\ufeff",
            "é",
            "登",
        ]
    )
).map("\n".join)
texts = st.builds(
    CardText,
    title=_line.filter(str.strip).map(lambda text: text.strip()[:200]).filter(bool),
    body=_bodies,
    skills=st.lists(st.from_regex(r"[a-z0-9][a-z0-9-]{0,63}", fullmatch=True), max_size=4).map(
        tuple
    ),
    labels=st.lists(
        st.from_regex(r"[A-Za-z0-9é登][\w.:/+@-]{0,20}", fullmatch=True), max_size=4
    ).map(tuple),
    after=st.lists(st.integers(1, 999_999_999), max_size=4).map(tuple),
    priority=st.integers(-100, 100),
    scope=st.lists(_entry, max_size=4).map(tuple),
    accept=st.lists(_entry | st.just("set -e\n\tpytest -q\n"), max_size=4).map(tuple),
    hold=st.booleans(),
    agent=st.none() | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", fullmatch=True),
)
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@same_folder
@given(text=texts)
def test_every_card_reads_back_as_it_was_written(
    home: Home, cards: CardFolder, text: CardText
) -> None:
    stamp = cards.create(PROJECT, 7, text)
    try:
        card = cards.read(PROJECT, stamp.name)
    finally:
        (home.cards(PROJECT) / stamp.name).unlink()
    assert card.text == text
    assert card.seq == 7
    assert card.stamp == stamp


@same_folder
@given(before=texts, after=texts)
def test_every_card_can_become_every_other(
    home: Home, cards: CardFolder, before: CardText, after: CardText
) -> None:
    stamp = cards.create(PROJECT, 7, before)
    try:
        cards.edit(PROJECT, stamp.name, after, stamp)
        card = cards.read(PROJECT, stamp.name)
    finally:
        (home.cards(PROJECT) / stamp.name).unlink()
    assert card.text == after


def test_stamps_tell_what_the_scan_tells(cards: CardFolder) -> None:
    stamp = cards.create(PROJECT, 3, CardText(title="Add a login", body="x"))
    assert len(stamp.digest) == 64
    assert cards.scan(PROJECT) == [msgspec.structs.replace(stamp, digest="")]


def test_a_new_card_needs_no_yaml_library() -> None:
    code = (
        "import sys, sps.adapters.card_files as c, sps.ports.home as h\n"
        "import sps.model.card as m, pathlib\n"
        "c.CardFolder(h.Home(pathlib.Path(sys.argv[1]))).create('p', 1, m.CardText(title='x'))\n"
        "print(sorted({'yaml', 'ruamel', 'asyncio', 'watchfiles'} & set(sys.modules)))\n"
    )
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code, folder],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert done.stdout.strip() == "[]"


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title,name",
    [
        ("Add a login endpoint", "3-add-a-login-endpoint.md"),
        ("登录 Page", "3-登录-page.md"),
        ("../../etc/passwd", "3-etc-passwd.md"),
        ("!!!", "3-card.md"),
        ("x" * 100, f"3-{'x' * 40}.md"),
        ("-rf $(id)", "3-rf-id.md"),
    ],
)
def test_the_name_is_made_of_number_and_title(cards: CardFolder, title: str, name: str) -> None:
    assert cards.create(PROJECT, 3, CardText(title=title)).name == name


def test_create_never_overwrites(home: Home, cards: CardFolder) -> None:
    cards.create(PROJECT, 3, CardText(title="One"))
    for title in ("One", "Another"):
        with pytest.raises(Misuse) as caught:
            cards.create(PROJECT, 3, CardText(title=title))
        assert caught.value.code == "duplicate-number"
    assert [stamp.name for stamp in cards.scan(PROJECT)] == ["3-one.md"]


def test_numbers_come_from_names(home: Home, cards: CardFolder) -> None:
    for name in (
        "2-b.md",
        "10-a.md",
        "007-c.md",
        "notes.md",
        "99999999999-x.md",
        "0-x.md",
        "12.md",
    ):
        put(home, front("title: x"), name)
    assert cards.highest(PROJECT) == 12
    assert cards.find(PROJECT, 7) == "007-c.md"
    assert cards.find(PROJECT, 12) == "12.md"
    assert cards.find(PROJECT, 99) is None
    assert cards.read(PROJECT, "notes.md").seq == 0
    assert error_of(cards, "0-x.md")[0] == "bad-number"
    assert error_of(cards, "99999999999-x.md")[0] == "bad-number"


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    cards = CardFolder(Home(tmp_path))
    assert cards.scan("none") == []
    assert cards.highest("none") == 0
    assert cards.find("none", 1) is None


def test_scan_sees_what_is_meant_as_a_card(home: Home, cards: CardFolder) -> None:
    folder = home.cards(PROJECT)
    put(home, front("title: x"), "1-a.md")
    for name in (".hidden.md", ".1-a.md.12.tmp", "1-a.md~", "1-a.txt"):
        put(home, "x", name)
    (folder / "2-folder.md").mkdir()
    (folder / "3-link.md").symlink_to(folder / "1-a.md")
    (folder / os.fsdecode(b"4-\xff.md")).touch()
    stamps = cards.scan(PROJECT)
    assert [stamp.name for stamp in stamps] == ["1-a.md", "3-link.md"]
    assert cards.names(PROJECT) == {"1-a.md", "3-link.md"}
    assert [cards.stamp(PROJECT, stamp.name) for stamp in stamps] == stamps
    for other in (
        "9-gone.md",
        "2-folder.md",
        ".hidden.md",
        "notes.txt",
        "../cards/1-a.md",
        "\0.md",
    ):
        assert cards.stamp(PROJECT, other) is None


def test_ten_thousand_files_are_one_listing(home: Home, cards: CardFolder) -> None:
    for seq in range(1, 10_001):
        (home.cards(PROJECT) / f"{seq}-card.md").touch()
    begun = time.process_time()
    assert len(cards.scan(PROJECT)) == 10_000
    print(f"scan of 10,000 files: {time.process_time() - begun:.3f} s of CPU")
    assert cards.highest(PROJECT) == 10_000


# --- hostile and broken files ----------------------------------------------------------------


def test_links_and_pipes_are_refused(home: Home, cards: CardFolder, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(front("title: secret"))
    (home.cards(PROJECT) / "1-x.md").symlink_to(tmp_path / "secret")
    assert error_of(cards)[0] == "not-a-file"
    os.mkfifo(home.cards(PROJECT) / "2-x.md")
    assert error_of(cards, "2-x.md")[0] == "not-a-file"


@pytest.mark.parametrize(
    "name", ["../1-x.md", "/etc/passwd", "a/b.md", "x\0.md", ".1-x.md", "1-x.txt"]
)
def test_names_do_not_lead_out_of_the_folder(cards: CardFolder, name: str) -> None:
    with pytest.raises(Misuse) as caught:
        cards.read(PROJECT, name)
    assert caught.value.code == "bad-file-name"


def test_a_file_that_is_gone_is_absent(cards: CardFolder) -> None:
    with pytest.raises(Absent):
        cards.read(PROJECT, "1-x.md")


LAUGHS = "a: &a [x, x]\nb: &b [*a, *a]\ntitle: *b"


@pytest.mark.parametrize(
    "content,code,line,column",
    [
        ("", "no-front-matter", 1, 1),
        ("# A title\n", "no-front-matter", 1, 1),
        ("---\ntitle: x\n", "no-front-matter", 3, 1),
        ("---\n---\n", "missing-title", 2, 1),
        (front("labels: [a]"), "missing-title", 2, 1),
        (front("title:"), "missing-title", 2, 1),
        (front("title: '  '"), "missing-title", 2, 8),
        (front("- a"), "unknown-type", 2, 1),
        (front("title: [x]"), "unknown-type", 2, 8),
        (front("title: 42"), "unknown-type", 2, 8),
        (front("title: {{ x }}"), "bad-key", 2, 9),
        (front("title: x\nlabels: auth"), "unknown-type", 3, 9),
        (front("title: x\nlabels:\n  - a\n  - 1"), "unknown-type", 5, 5),
        (front("title: x\nlabels: [a, 'b c']"), "bad-label", 3, 13),
        (front("title: x\nskills: [../up]"), "bad-skill", 3, 10),
        (front("title: x\nafter: [1, two]"), "bad-number", 3, 12),
        (front("title: x\nafter: [0]"), "bad-number", 3, 9),
        (front("title: x\npriority: high"), "bad-number", 3, 11),
        (front("title: x\npriority: 101"), "bad-number", 3, 11),
        (front("title: x\nhold: yes"), "unknown-type", 3, 7),
        (front("title: x\nagent: '-x'"), "bad-agent", 3, 8),
        (front("title: x\naccept: ['']"), "bad-accept", 3, 10),
        (front('title: x\nscope: ["a\\nb"]'), "bad-scope", 3, 9),
        (front("title: x\ntitle: y"), "duplicate-key", 3, 1),
        (front("title: x\nextra: {a: 1, a: 2}"), "duplicate-key", 3, 15),
        (front(LAUGHS), "yaml-alias", 2, 4),
        (front("title: !!python/object/apply:os.system [id]"), "yaml-tag", 2, 8),
        (front("title: !x y"), "yaml-tag", 2, 8),
        (front("title: x\nz: " + "[" * 5000), "too-deep", 3, 23),
        (front("title: x\n...\ny: z"), "invalid-yaml", 4, 1),
        (front("title: x\n  y: z"), "invalid-yaml", 3, 4),
        (front('title: "x'), "invalid-yaml", 3, 1),
        (front("title: a\x07b"), "invalid-yaml", 2, 9),
        ("---\ntitle: x\n---\n".encode("utf-16"), "invalid-utf-8", 1, 1),
        (b"---\ntitle: caf\xe9\n---\n", "invalid-utf-8", 2, 11),
        ("---\ntitle: é\n---\nab\0c", "nul-byte", 4, 3),
        (front(f"title: {'x' * 201}"), "bad-title", 2, 8),
        (front(f"title: x\nlabels: [{', '.join('abc' for _ in range(65))}]"), "too-many", 3, 330),
        (front("title: x", "b" * (BODY_LIMIT + 1)), "too-large", 4, 1),
        (front("title: x\nz: " + "y" * 70_000), "too-large", 1, 1),
        (front("title: x", "b" * 10_000_000), "too-large", 1, 1),
    ],
)
def test_a_broken_file_says_where_and_why(
    home: Home, cards: CardFolder, content: str | bytes, code: str, line: int, column: int
) -> None:
    put(home, content)
    found = error_of(cards)
    assert found[:3] == (code, line, column), found[3]
    assert found[3]


@pytest.mark.parametrize(
    "yaml,says",
    [
        (
            "title: x\nlabels: auth",
            "labels: expected a list of texts, found the text 'auth'; write [auth]",
        ),
        (
            "title: 2024",
            "title: expected text, found the number 2024; put it in quotes to make it text",
        ),
        ("title: x\nhold: yes", "hold: expected true or false, found the text 'yes'"),
        ("title: x\nafter: [true]", "after: expected a whole number, found the truth value true"),
        ("title: x\nagent: {a: 1}", "agent: expected text, found a mapping"),
    ],
)
def test_a_wrong_type_says_what_was_found_and_what_is_expected(
    home: Home, cards: CardFolder, yaml: str, says: str
) -> None:
    put(home, front(yaml))
    assert error_of(cards)[3] == says


@given(
    content=st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: front(text).encode("utf-8", "surrogatepass"))
)
@same_folder
def test_no_content_is_too_strange_for_an_answer(
    home: Home, cards: CardFolder, content: bytes
) -> None:
    put(home, content)
    try:
        says = cards.read(PROJECT, "1-x.md").text.title
    except CardFileBroken as err:
        says = err.error.message
    assert says


@pytest.mark.parametrize(
    "head,newline", [("", "\n"), ("\ufeff", "\n"), ("", "\r\n"), ("\ufeff", "\r\n")]
)
def test_byte_order_mark_and_line_ends_are_kept(
    home: Home, cards: CardFolder, head: str, newline: str
) -> None:
    lines = ["---", "title: x", "labels:", "  - a # one", "---", "Body", "---", "end"]
    path = put(home, head + newline.join(lines))
    card = cards.read(PROJECT, "1-x.md")
    assert card.text.body == newline.join(lines[5:])
    wanted = msgspec.structs.replace(card.text, title="y", labels=("a", "b"), priority=1)
    cards.edit(PROJECT, "1-x.md", wanted, card.stamp)
    lines[1:4] = ["title: y", "labels:", "  - a # one", "  - b", "priority: 1"]
    assert path.read_bytes().decode() == head + newline.join(lines)


def test_unknown_keys_are_ignored(home: Home, cards: CardFolder) -> None:
    put(home, front("id: 7\ntitle: x\nmeta: {deep: [1, {a: null}]}\nbody: nothing", "the body"))
    assert cards.read(PROJECT, "1-x.md").text == CardText(title="x", body="the body")


def test_values_mean_what_yaml_1_2_says(home: Home, cards: CardFolder) -> None:
    put(home, front("title: no\nlabels: [on, 2026-01-31, v1.2]\nhold: True\nagent: ~\nscope:\n"))
    text = cards.read(PROJECT, "1-x.md").text
    assert text == CardText(title="no", labels=("on", "2026-01-31", "v1.2"), hold=True)


@pytest.mark.parametrize(
    "text,code",
    [
        (CardText(title=""), "missing-title"),
        (CardText(title="a\nb"), "bad-title"),
        (CardText(title="drop \u202eevil"), "bad-title"),
        (CardText(title="x", accept=("true \u2066# no",)), "bad-accept"),
        (CardText(title="x", body="\0"), "nul-byte"),
        (CardText(title="x", body="\ud800"), "invalid-utf-8"),
        (CardText(title="x", body="é" * (BODY_LIMIT // 2 + 1)), "too-large"),
        (CardText(title="x", labels=("a",) * 65), "too-many"),
        (CardText(title="x", skills=("Up",)), "bad-skill"),
        (CardText(title="x", after=(0,)), "bad-number"),
    ],
)
def test_what_could_not_be_read_is_not_written(
    home: Home, cards: CardFolder, text: CardText, code: str
) -> None:
    with pytest.raises(Misuse) as caught:
        cards.create(PROJECT, 1, text)
    assert caught.value.code == code
    assert cards.scan(PROJECT) == []


# --- edits ---------------------------------------------------------------------------------------

WRITTEN_BY_HAND = """---
# what this is about
title:   'Add a login'   # short
points: 3                # unknown to SPS
labels: [ auth,web ]     # two
# commands
accept:      # must pass
    # slow ones
    - pytest tests/auth -q   # unit
    - "ruff check ."     # lint
    # more to come
notes: |
  labels: [not, these]  # not a comment

after: []
---
Text with  trailing space\x20\x20
---
title: not front matter
"""


def edited(home: Home, cards: CardFolder, **changes: object) -> str:
    path = put(home, WRITTEN_BY_HAND)
    card = cards.read(PROJECT, "1-x.md")
    wanted = msgspec.structs.replace(card.text, **changes)
    stamp = cards.edit(PROJECT, "1-x.md", wanted, card.stamp)
    again = cards.read(PROJECT, "1-x.md")
    assert again.text == wanted
    assert again.stamp == stamp
    return path.read_text()


@pytest.mark.parametrize(
    "changes,old,new",
    [
        ({"body": "new\n"}, WRITTEN_BY_HAND.partition("\nText")[2], None),
        ({"priority": 2}, "after: []\n", "after: []\npriority: 2\n"),
        ({"agent": "codex"}, "after: []\n", 'after: []\nagent: "codex"\n'),
        ({"labels": ("web",)}, "[ auth,web ]     # two", "[web]            # two"),
        ({"after": (3, 4)}, "after: []", "after:\n- 3\n- 4"),
        (
            {"accept": ("pytest tests/auth -q", "mypy", "ruff check .")},
            "# unit\n",
            "# unit\n    - mypy\n",
        ),
        ({"accept": ("ruff check .",)}, "    - pytest tests/auth -q   # unit\n", None),
        ({"accept": ()}, None, None),
    ],
)
def test_an_edit_keeps_what_it_does_not_change(
    home: Home, cards: CardFolder, changes: dict[str, object], old: str | None, new: str | None
) -> None:
    text = edited(home, cards, **changes)
    if old is not None and new is not None:
        assert text == WRITTEN_BY_HAND.replace(old, new, 1)
    field = next(iter(changes))
    for line in WRITTEN_BY_HAND.partition("\nText")[0].splitlines():
        key = line.partition(":")[0]
        if field not in {"accept", key}:
            assert line in text.splitlines()
    for comment in (
        "what this is about",
        "short",
        "unknown to SPS",
        "two",
        "commands",
        "must pass",
        "slow ones",
    ):
        assert f"# {comment}" in text
    for comment in ("unit", "lint", "more to come"):
        assert f"# {comment}" in text


@same_folder
@given(title=_line.filter(str.strip).map(lambda text: text.strip()[:200]).filter(bool))
def test_a_new_title_leaves_every_other_line(home: Home, cards: CardFolder, title: str) -> None:
    text = edited(home, cards, title=title)
    before, after = WRITTEN_BY_HAND.split("\n"), text.split("\n")
    assert before[:2] + before[3:] == after[:2] + after[3:]
    assert after[2].endswith("# short")


def test_an_indented_or_braced_front_matter_can_be_edited(home: Home, cards: CardFolder) -> None:
    for content in ("---\n{title: x, extra: 1}\n---\nB", "---\n  title: x\n  extra: 1\n---\nB"):
        put(home, content)
        card = cards.read(PROJECT, "1-x.md")
        wanted = msgspec.structs.replace(card.text, title="y", labels=("a",))
        cards.edit(PROJECT, "1-x.md", wanted, card.stamp)
        assert cards.read(PROJECT, "1-x.md").text == wanted
        assert "extra: 1" in (home.cards(PROJECT) / "1-x.md").read_text()


def test_an_edit_of_nothing_writes_nothing(home: Home, cards: CardFolder) -> None:
    path = put(home, WRITTEN_BY_HAND)
    card = cards.read(PROJECT, "1-x.md")
    inode = path.stat().st_ino
    assert cards.edit(PROJECT, "1-x.md", card.text, card.stamp) == card.stamp
    assert path.stat().st_ino == inode


def test_an_edit_based_on_an_older_file_is_refused(home: Home, cards: CardFolder) -> None:
    path = put(home, front("title: x"))
    card = cards.read(PROJECT, "1-x.md")
    path.write_text(front("title: y"))
    with pytest.raises(Stale):
        cards.edit(PROJECT, "1-x.md", CardText(title="z"), card.stamp)
    assert path.read_text() == front("title: y")


def test_an_edit_keeps_the_mode_and_leaves_nothing_behind(home: Home, cards: CardFolder) -> None:
    path = put(home, front("title: x"))
    path.chmod(0o640)
    card = cards.read(PROJECT, "1-x.md")
    cards.edit(PROJECT, "1-x.md", CardText(title="z"), card.stamp)
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(home.cards(PROJECT)) == ["1-x.md"]
