"""What reading SKILL.md promises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sps.model.skills.document import SkillDocument, parse_document, split_tools
from sps.model.skills.mode import Mode
from sps.model.skills.name import is_name, is_unsafe, safe_name

WHOLE = b"""---
name: demo
description: >-
  Use when
  a demo is written.
license: MIT
compatibility: Needs Python.
allowed-tools: Read Bash(git add:*) Grep
metadata:
  origin: sps
  version: "1.0"
---

# Demo

Be brief.
"""


def read(content: bytes, mode: Mode = Mode.LENIENT, folder: str | None = "demo") -> SkillDocument:
    parsed = parse_document(content, folder=folder, mode=mode)
    assert parsed.document is not None, parsed.findings
    return parsed.document


def test_every_field_is_read() -> None:
    document = read(WHOLE, Mode.STRICT)
    assert document.name == "demo"
    assert document.description == "Use when a demo is written."
    assert document.license == "MIT"
    assert document.compatibility == "Needs Python."
    assert document.allowed_tools == ("Read", "Bash(git add:*)", "Grep")
    assert document.metadata == {"origin": "sps", "version": "1.0"}
    assert document.extra == {}


def test_the_body_begins_in_the_line_that_is_said() -> None:
    document = read(WHOLE)
    whole = WHOLE.decode().split("\n")
    assert document.body.split("\n") == whole[document.body_line - 1 :]
    assert document.lines["license"] == 6
    crlf = read(WHOLE.replace(b"\n", b"\r\n"))
    assert (crlf.body, crlf.body_line) == (document.body, document.body_line)


def test_dashes_inside_a_value_cut_nothing() -> None:
    document = read(b"---\nname: demo\ndescription: first --- second\n---\nbody\n", Mode.SPEC)
    assert document.description == "first --- second"
    assert document.body == "body\n"


def test_a_finding_points_at_the_value() -> None:
    content = b"---\nname: demo\ndescription: x\nmetadata:\n  a: {b: c}\n---\n"
    parsed = parse_document(content, folder="demo", mode=Mode.SPEC)
    places = {one.rule: (one.line, one.column) for one in parsed.findings}
    assert places == {"flow-style": (5, 6), "metadata-value": (5, 6)}


def test_an_unknown_field_is_named_with_the_nearest_known_one() -> None:
    content = b"---\nname: demo\ndescription: x\nlicence: MIT\n---\n"
    (one,) = parse_document(content, folder="demo", mode=Mode.SPEC).findings
    assert 'did you mean "license"?' in one.says
    assert (one.line, one.column) == (4, 1)


def test_lenient_keeps_unknown_fields_and_nested_values_as_text() -> None:
    document = read(
        b"---\nname: demo\ndescription: x\nversion: 1.0\n"
        b"metadata:\n  openclaw:\n    bins: [a, b]\n    on: true\n---\n"
    )
    assert document.extra == {"version": "1.0"}
    assert document.metadata == {"openclaw": '{"bins":["a","b"],"on":"true"}'}


@pytest.mark.parametrize(
    "written",
    [
        "Read, Bash(git add:*),Grep",
        "Read Bash(git add:*)  Grep",
        "\n  - Read\n  - Bash(git add:*)\n  - Grep",
    ],
)
def test_lenient_reads_tools_as_clients_write_them(written: str) -> None:
    content = f"---\nname: demo\ndescription: x\nallowed-tools: {written}\n---\n".encode()
    assert read(content).allowed_tools == ("Read", "Bash(git add:*)", "Grep")


def test_lenient_repairs_a_colon_and_says_so() -> None:
    content = b"---\nname: demo\ndescription: Use when: it's a demo\nlicense: a: b\n---\n"
    parsed = parse_document(content, folder="demo", mode=Mode.LENIENT)
    assert parsed.document is not None
    assert parsed.document.description == "Use when: it's a demo"
    assert parsed.document.license == "a: b"
    assert [(one.rule, one.line) for one in parsed.findings] == [
        ("yaml-repaired", 3),
        ("yaml-repaired", 4),
    ]


def test_a_missing_name_is_the_folders_in_lenient_mode_only() -> None:
    content = b"---\ndescription: x\n---\n"
    assert read(content).name == "demo"
    assert parse_document(content, folder=None, mode=Mode.LENIENT).document is None
    assert not parse_document(content, folder="demo", mode=Mode.SPEC).ok


def test_a_folder_that_is_not_known_is_not_compared() -> None:
    assert parse_document(WHOLE, folder=None, mode=Mode.STRICT).ok
    assert not parse_document(WHOLE, folder="other", mode=Mode.SPEC).ok


@pytest.mark.parametrize("name", ["a", "a-b", "9", "sps-pipeline", "a" * 64])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "A", "-a", "a-", "a--b", "a_b", "a b", "a" * 65, "..", "a/b", "é", "а", "a\n", "a\x00"],
)
def test_no_names(name: str) -> None:
    assert not is_name(name)


def test_a_safe_name_never_leads_out_of_a_folder() -> None:
    assert safe_name("Docker Hub Automation", "x y") == "docker-hub-automation"
    assert safe_name("Demo", "demo") == "demo"
    assert safe_name("../../etc", None) is None
    assert safe_name("../../etc", "demo") == "demo"
    assert safe_name("名前", None) is None
    assert is_unsafe("a\u202eb")
    assert split_tools("a,, b ()") == ("a", "b", "()")


@given(st.text(max_size=80), st.none() | st.text(max_size=20))
def test_a_safe_name_is_a_name(written: str, folder: str | None) -> None:
    made = safe_name(written, folder)
    assert made is None or is_name(made)


PIECES = st.sampled_from(
    [b"---\n", b"name: demo\n", b"description: x\n", b"metadata:\n", b"  a: b\n", b": ", b"- ",
     b"&a ", b"*a", b"!!x ", b"{", b"[", b"'", b'"', b"\t", b"\r", b"\n", b"\x00", b"\xff",
     b"\xef\xbb\xbf",
     b"\xe2\x80\xa8", b"#", b"|", b">", b"%", b"@", b"...\n", b"? ", b"<<: ", b"allowed-tools: "]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.lists(PIECES, max_size=25).map(b"".join))
def test_no_bytes_break_the_parser(content: bytes) -> None:
    for mode in Mode:
        for body in (content, b"---\n" + content + b"\n---\n"):
            parsed = parse_document(body, folder="demo", mode=mode)
            assert parsed.document is not None or parsed.findings
            if mode is Mode.LENIENT:
                assert parsed.ok == (parsed.document is not None)
