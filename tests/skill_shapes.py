"""Front matter in every shape that real skills have, rebuilt by hand, with what each mode says.

A shape's folder is called `demo`. `spec`, `lenient` and `strict` are the rules of the errors that
each mode gives, empty where the skill is valid (in `lenient`: loaded). `reference` is what the
reference validator says where that differs from `spec`, with the difference of
`docs/skill-format.md` that it shows.
"""

from __future__ import annotations

from dataclasses import dataclass

D = "description: Use when a demo is written."
STRICT = 'license: MIT\nmetadata:\n  origin: sps\n  version: "1.0"\n'


@dataclass(frozen=True)
class Shape:
    content: bytes
    spec: str = ""
    lenient: str = ""
    strict: str | None = None  #: None: as `spec`
    warns: str = ""  #: rules that `lenient` warns of
    differs: str = ""  #: the difference, where the reference validator says the opposite of `spec`


def md(front: str, **expected: str) -> Shape:
    return Shape(f"---\n{front}\n---\n# Demo\n".encode(), **expected)


def named(rest: str, **expected: str) -> Shape:
    return md(f"name: demo\n{D}\n{rest}", **expected)


SHAPES: dict[str, Shape] = {
    "plain": md(f"name: demo\n{D}"),
    "all six fields": named(
        "license: MIT\ncompatibility: Needs Python.\nallowed-tools: Read Bash(git:*)\n"
        'metadata:\n  origin: sps\n  version: "1.0"'
    ),
    "double quotes": md('name: "demo"\ndescription: "Use it: always."'),
    "single quotes": md("name: 'demo'\ndescription: 'It''s for demos.'"),
    "folded": md("name: demo\ndescription: >-\n  Use when\n  a demo is written."),
    "literal": md("name: demo\ndescription: |\n  Use when\n  a demo is written."),
    "plain over two lines": md("name: demo\ndescription: Use when\n  a demo is written."),
    "comment": md(f"# a comment\nname: demo # here\n{D}"),
    "not ASCII": md("name: demo\ndescription: Für Übungen, 例, \U0001f600."),
    "CRLF": Shape(
        f"---\r\nname: demo\r\n{D}\r\n---\r\n# Demo\r\n".encode(), strict="line-endings"
    ),
    "old Mac line ends": Shape(f"---\rname: demo\r{D}\r---\r# D\r".encode(), strict="line-endings"),
    "BOM": Shape(
        f"\ufeff---\nname: demo\n{D}\n---\n# Demo\n".encode(), spec="bom", warns="bom"
    ),
    "not UTF-8": Shape(
        f"---\nname: demo\n{D}\n---\n".encode() + b"\xff\xfe\n", spec="not-utf8", lenient="not-utf8"
    ),
    "NUL": md(f"name: demo\n{D}\nlicense: a\x00b", spec="yaml", lenient="yaml"),
    "empty file": Shape(b"", spec="no-front-matter", lenient="no-front-matter"),
    "no front matter": Shape(b"# Demo\n", spec="no-front-matter", lenient="no-front-matter"),
    "front matter after a line": Shape(
        f"\n---\nname: demo\n{D}\n---\n".encode(), spec="no-front-matter", lenient="no-front-matter"
    ),
    "never closed": Shape(
        f"---\nname: demo\n{D}\n# Demo\n".encode(),
        spec="unclosed-front-matter",
        lenient="unclosed-front-matter",
    ),
    "empty front matter": Shape(b"---\n---\n# D\n", spec="not-a-mapping", lenient="not-a-mapping"),
    "a list": md("- name: demo", spec="not-a-mapping", lenient="not-a-mapping"),
    "a text": md("demo", spec="not-a-mapping", lenient="not-a-mapping"),
    "two documents": md(f"name: demo\n...\n{D}", spec="yaml", lenient="yaml"),
    "colon without quotes": md(
        "name: demo\ndescription: Use when: a demo is written.", spec="yaml", warns="yaml-repaired"
    ),
    "value begins with @": md(
        "name: demo\ndescription: '@x'\nlicense: @mit", spec="yaml", warns="yaml-repaired"
    ),
    "open bracket": md(
        "name: demo\ndescription: [WIP] for demos", spec="yaml", warns="yaml-repaired"
    ),
    "cannot be repaired": md(f"name: demo\n{D}\n\tx", spec="yaml", lenient="yaml"),
    "tab between words": md("name: demo\ndescription: Use\twhen it fits.", spec="tab"),
    "tab after a block's sign": md("name: demo\ndescription: |\t\n  Use it.", spec="tab"),
    "tab in quotes": md('name: demo\ndescription: "Use\tit."'),
    "flow list": named("tags: [a, b]", spec="flow-style unknown-field"),
    "flow mapping": named("metadata: {a: b}", spec="flow-style"),
    "JSON over lines": named(
        'metadata:\n  {\n    "a": "b"\n  }', spec="flow-style"
    ),
    "empty braces": named("metadata: {}", spec="flow-style"),
    "uneven indentation": named(
        "metadata:\n  a:\n    x: y\n  b:\n      x: y",
        spec="indentation metadata-value",
        warns="metadata-value",
    ),
    "anchor": md(f"name: &a demo\n{D}", spec="anchor", lenient="anchor"),
    "alias": md("name: demo\ndescription: *a", spec="anchor", lenient="anchor"),
    "tag": md("name: !!str demo\n" + D, spec="tag", lenient="tag"),
    "merge key": named("<<: x", spec="merge-key unknown-field"),
    "merge key in metadata": named("metadata:\n  <<: x", spec="merge-key"),
    "key twice": md(f"name: demo\n{D}\nname: demo", spec="duplicate-key", lenient="duplicate-key"),
    "deep": named(
        "metadata:\n" + "".join("  " * n + "k:\n" for n in range(1, 30)),
        spec="too-deep", lenient="too-deep", differs="depth",
    ),
    "origin at the top": named("origin: sps", spec="unknown-field"),
    "version at the top": named("version: 1.0.0", spec="unknown-field"),
    "client fields": named(
        "user-invocable: true\nargument-hint: '[file]'\nmodel: fast", spec="unknown-field"
    ),
    "requires with a list": named("requires:\n  mcp:\n    - x", spec="unknown-field"),
    "nested metadata": named(
        "metadata:\n  openclaw:\n    emoji: x\n    requires:\n      - y",
        spec="metadata-value", warns="metadata-value", differs="metadata",
    ),
    "list in metadata": named(
        "metadata:\n  tags:\n    - a", spec="metadata-value", warns="metadata-value",
        differs="metadata",
    ),
    "number in metadata": named("metadata:\n  version: 1.0", strict="metadata-value"),
    "text as metadata": named(
        "metadata: x", spec="field-type", warns="field-type", differs="metadata"
    ),
    "empty metadata": named("metadata:"),
    "tools with commas": named(
        "allowed-tools: Read, Bash(git add:*), Grep", strict="allowed-tools-commas",
        warns="allowed-tools-commas",
    ),
    "tools as a list": named(
        "allowed-tools:\n  - Read\n  - Bash(git:*)", spec="allowed-tools-list",
        warns="allowed-tools-list", differs="types",
    ),
    "tools as a flow list": named(
        "allowed-tools: [Read, Grep]", spec="allowed-tools-list flow-style",
        warns="allowed-tools-list",
    ),
    "tools as a mapping": named(
        "allowed-tools:\n  read: true", spec="field-type", warns="field-type", differs="types"
    ),
    "license as a list": named(
        "license:\n  - MIT", spec="field-type", warns="field-type", differs="types"
    ),
    "compatibility as a list": named(
        "compatibility:\n  - x", spec="field-type", warns="field-type"
    ),
    "long compatibility": named(
        "compatibility: " + "x" * 501, spec="compatibility-long", warns="compatibility-long"
    ),
    "no name": md(D, spec="name-missing", warns="name-missing"),
    "no value for name": md(f"name:\n{D}", spec="name-missing", warns="name-missing"),
    "name is a list": md(f"name:\n  - demo\n{D}", spec="field-type name-missing",
                         lenient="field-type"),
    "other folder": md(f"name: other\n{D}", spec="name-mismatch", warns="name-mismatch"),
    "title as name": md(
        f"name: Docker Hub Automation\n{D}", spec="name-characters name-mismatch name-upper",
        warns="name-characters name-mismatch name-upper",
    ),
    "underscore": md(
        f"name: my_demo\n{D}", spec="name-characters name-mismatch",
        warns="name-characters name-mismatch",
    ),
    "hyphen at the end": md(
        f"name: demo-\n{D}", spec="name-hyphen name-mismatch", warns="name-hyphen name-mismatch"
    ),
    "two hyphens": md(
        f"name: my--demo\n{D}", spec="name-hyphen name-mismatch", warns="name-hyphen name-mismatch"
    ),
    "long name": md(
        f"name: {'a' * 65}\n{D}", spec="name-long name-mismatch", warns="name-long name-mismatch"
    ),
    "true as name": md(
        f"name: true\n{D}", spec="name-mismatch", strict="field-type name-mismatch",
        warns="name-mismatch",
    ),
    "number as name": md(
        f"name: 123\n{D}", spec="name-mismatch", strict="field-type name-mismatch",
        warns="name-mismatch",
    ),
    "path as name": md(
        f"name: ../demo\n{D}", spec="name-mismatch name-unsafe", lenient="name-unsafe"
    ),
    "hidden character in the name": md(
        f"name: \"de\\u200bmo\"\n{D}", spec="name-mismatch name-unsafe", lenient="name-unsafe"
    ),
    "spaces around the name": md(
        f'name: " demo "\n{D}', strict="name-characters name-mismatch"
    ),
    "no description": md("name: demo", spec="description-missing", lenient="description-missing"),
    "null description": md(
        "name: demo\ndescription: null", spec="description-missing", lenient="description-missing",
        differs="null",
    ),
    "empty description": md(
        'name: demo\ndescription: " "', spec="description-missing", lenient="description-missing"
    ),
    "description is a list": md(
        "name: demo\ndescription:\n  - x", spec="description-missing field-type",
        lenient="description-missing field-type",
    ),
    "long description": md(
        "name: demo\ndescription: Use " + "x" * 1021, spec="description-long",
        warns="description-long",
    ),
    "number as description": md("name: demo\ndescription: 42", strict="field-type"),
    "dashes in the description": md(
        "name: demo\ndescription: Use first --- then second.", differs=""
    ),
    "dashes before a fault": md(
        f"name: demo\n{D[:-1]} --- x\norigin: x", spec="unknown-field", differs="dashes"
    ),
    "line separator": md(
        "name: demo\ndescription: Use\u2028it", spec="yaml", lenient="yaml", differs="separators"
    ),
    "text after the opening": Shape(
        f"---name: demo\n{D}\n---\n".encode(), spec="no-front-matter", lenient="no-front-matter",
        differs="dashes",
    ),
    "too large": Shape(
        f"---\nname: demo\n{D}\n---\n".encode() + b"x" * (1024 * 1024), spec="too-large",
        lenient="too-large", differs="size",
    ),
}  # fmt: skip
