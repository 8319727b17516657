"""Text that wants to be a command, an option, a trailer or a document that builds something.

The control of each attack is the obvious way to write it, which obeys.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import yaml

from sps.adapters.git_vault import names
from sps.model.errors import Misuse
from sps.model.pipeline import Pipeline
from sps.ports.files import PipelineBroken
from tests.integration.scene import Make, file, scenes, sh
from tests.vault_place import naive

pytestmark = pytest.mark.needs("bwrap", "git")

_PIPELINE = """\
version: 1
agent: scripted
workers: 8
stages: [{name: develop, attempts: 1}]
gates: [{name: sound, run: test ! -e broken}]
"""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with scenes(tmp_path, _PIPELINE) as build:
        yield build


_TITLES = {
    "option": "--settings=/tmp/x --amend",
    "short-option": "-F /etc/passwd",
    "trailer": "fine\n\nCard: 01FORGED\nGates: all of them",
    "folded-trailer": "fine\r\n\r\nCard: 01FORGED\r\n",
    "unicode-lines": "fine\u2028\u2029Card: 01FORGED",
    "shell": "$(touch RAN) `touch RAN`; touch RAN | touch RAN & #",
    "nothing-left": "\x00\x01\x02",
    "escape": "\x1b]0;title\x07\x1b[2J fine",
}


def test_a10_a15_title_of_a_card_stays_a_title(make: Make) -> None:
    scene = make()
    for number, title in enumerate(_TITLES.values(), 1):
        name = f"new{number}.txt"
        path = scene.world.home.cards("p") / f"{number}-card.md"
        quoted = msgspec.json.encode(title).decode()  # a double-quoted text of YAML too
        path.write_text(f"---\ntitle: {quoted}\n---\n{file(name, 'new')}", encoding="utf-8")
    scene.tick()
    done = [seq for seq, state in scene.states().items() if state == "done"]
    refused = scene.world.store.read(lambda tx: tx.file_errors("p"))
    assert len(done) + len(refused) == len(_TITLES)
    assert {1, 2, 6} <= set(done), "what is one line of text is a title"
    ids = {scene.card(seq).id for seq in done}
    merges = scene.repo.git("log", "--first-parent", "--merges", "--format=%H", "main").split()
    assert len(merges) == len(done)
    for commit in merges:
        raw = scene.repo.git("log", "-1", "--format=%(trailers:key=Card,valueonly)", commit)
        assert raw.split() in [[one] for one in ids]
        trailers = scene.repo.git("log", "-1", "--format=%(trailers:only)", commit)
        assert trailers.count("Gates:") == 1
        assert len(scene.repo.git("log", "-1", "--format=%s", commit).splitlines()) == 1
    assert "\x1b" not in scene.repo.git("log", "--format=%B", "main")
    assert not [*scene.folder.rglob("RAN")]


def test_a10_control_a_title_that_is_pasted_into_a_message_forges_a_trailer(tmp_path: Path) -> None:
    naive("init", "-q", "-b", "main", cwd=tmp_path)
    message = f"{_TITLES['trailer']}\nCard: 01REAL"
    naive("commit", "-q", "--allow-empty", "-m", message, cwd=tmp_path)
    found = naive("log", "-1", "--format=%(trailers:key=Card,valueonly)", cwd=tmp_path)
    assert found.split() == ["01FORGED", "01REAL"]


def test_a10_trailers_that_an_agent_writes_are_not_the_landings(make: Make) -> None:
    scene = make()
    forged = "-m fine -m 'Card: 01FORGED\nGates: all\nSandbox: bwrap'"
    commit = f"git -c user.name=a -c user.email=a@example.com commit -q {forged}"
    scene.add(sh(f"echo x > x.txt; git add -A; {commit}"))
    assert scene.tick().finished
    assert "01FORGED" in scene.repo.git("log", "-1", "--format=%(trailers)", "main^2"), (
        "the control"
    )
    assert scene.repo.trailers()["Card"] == scene.card(1).id
    assert scene.repo.trailers()["Gates"] == "sound"


_OPTIONS = ["--upload-pack=touch RAN", "-x", "--exec=touch RAN", "--output=RAN", "-o", "--help"]


@pytest.mark.parametrize("word", _OPTIONS)
def test_a15_branch_that_is_an_option_is_refused_everywhere(make: Make, word: str) -> None:
    scene = make()
    with pytest.raises(Misuse):
        names.branch_ref(word)
    with pytest.raises(PipelineBroken):
        scene.world.pipeline_files.parse(_PIPELINE + f"land: {{branch: '{word}'}}\n", "x")
    assert not [*scene.folder.rglob("RAN")]


def test_a15_control_an_option_in_the_place_of_a_remote_is_obeyed(tmp_path: Path) -> None:
    naive("init", "-q", "-b", "main", cwd=tmp_path)
    naive("commit", "-q", "--allow-empty", "-m", "x", cwd=tmp_path)
    word = f"--upload-pack=touch {tmp_path}/RAN;true"
    naive("fetch", word, str(tmp_path), cwd=tmp_path, check=False)
    assert (tmp_path / "RAN").exists()


_LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)
)
_DOCUMENTS = {
    "python-object": "title: !!python/object/apply:os.system ['touch RAN']\n",
    "python-new": "title: !!python/object/new:subprocess.Popen [['touch', 'RAN']]\n",
    "laughs": f"title: t\n{_LAUGHS}",
    "deep-flow": "title: " + "[" * 50_000 + "]" * 50_000 + "\n",
    "deep-block": "".join(" " * n + "a:\n" for n in range(2000)),
    "merge-keys": "x: &x {title: a}\ny: {<<: *x}\ntitle: t\n",
    "many-keys": "title: t\n" + "".join(f"k{n}: v\n" for n in range(60_000)),
    "long-line": "title: " + "x" * 2_000_000 + "\n",
    "nul": "title: a\0b\n",
    "two-documents": "title: a\n---\ntitle: b\n",
}


@pytest.mark.parametrize("name", _DOCUMENTS)
def test_a35_front_matter_builds_nothing_and_stays_small(make: Make, name: str) -> None:
    scene = make()
    path = scene.world.home.cards("p") / "1-card.md"
    path.write_text(f"---\n{_DOCUMENTS[name]}---\nbody\n")
    scene.add(file("good.txt", "good\n"))
    begun = time.process_time()
    scene.tick()
    assert time.process_time() - begun < 8.0
    assert scene.states().get(2) == "done", "the others go on"
    assert not [*scene.folder.rglob("RAN"), *Path.cwd().glob("RAN")]
    with pytest.raises((PipelineBroken, Misuse)):
        scene.world.pipeline_files.parse(f"version: 1\n{_DOCUMENTS[name]}", "x")


def test_a35_control_a_loader_that_believes_builds_what_it_is_told(tmp_path: Path) -> None:
    text = _DOCUMENTS["python-object"].replace("RAN", str(tmp_path / "RAN"))
    yaml.unsafe_load(text)
    assert (tmp_path / "RAN").exists()
    grown = yaml.safe_load(_LAUGHS.replace("range(8)", ""))["d"]
    assert sum(len(x) for y in grown for x in y) >= 9**3


def test_a35_card_text_is_no_template_and_no_shell(make: Make) -> None:
    scene = make()
    body = "{{ 7 * 7 }} ${HOME} $(touch RAN) %(x)s {0} `touch RAN`\n"
    scene.add(body + file("new.txt", "new\n"))
    assert scene.tick().finished
    assert body.strip() in scene.prompt(scene.runs(1)[0])
    assert "49" in str(eval("7 * 7")), "the control"
    assert not [*scene.folder.rglob("RAN")]


def test_a26_there_is_no_list_of_allowed_commands_to_slip_through() -> None:
    """The control: such a list lets through what it does not mean."""
    sloppy = ("git status; touch RAN", "git -c core.pager='touch RAN' log", "git\nstatus")
    assert all(command.split()[0] == "git" for command in sloppy)
    keys = {name for part in _parts(Pipeline) for name in part.__struct_fields__}
    assert not {key for key in keys if "command" in key or key in ("permissions", "auto_approve")}


def _parts(kind: type) -> list[type]:
    found = [kind]
    for each in msgspec.structs.fields(kind):
        inner = [each.type, *getattr(each.type, "__args__", ())]
        found += [
            part
            for one in inner
            if isinstance(one, type) and issubclass(one, msgspec.Struct)
            for part in _parts(one)
        ]
    return found


_PACKAGE = Path(__file__).parents[2] / "src" / "sps"
_SOURCES = [path for path in _PACKAGE.rglob("*.py") if "library" not in path.parts]
_LOADERS = {
    "pickle", "marshal", "shelve", "dill", "importlib.metadata.entry_points", "yaml.load",
    "yaml.unsafe_load", "yaml.full_load", "eval", "exec", "os.system", "os.popen",
    "subprocess.getoutput",
}  # fmt: skip

_MEANT = {
    "adapters/card_files/yaml_lines.py: yaml.load",  # of ruamel, which makes no objects
}


def test_a45_no_code_is_loaded_from_data_and_nothing_goes_through_a_shell() -> None:
    found = {
        f"{path.relative_to(_PACKAGE)}: {name}"
        for path in _SOURCES
        for name in _named(path.read_text(encoding="utf-8")) & (_LOADERS | {"shell=True"})
    }
    assert found == _MEANT


@pytest.mark.parametrize(
    "code",
    ["import pickle", "from marshal import loads", "import yaml\nyaml.load(x)", "eval('1')",
     "import os\nos.system('id')", "from os import popen", "run('x', shell=True)"],
)  # fmt: skip
def test_a45_control_the_search_finds_what_it_looks_for(code: str) -> None:
    assert _named(code) & (_LOADERS | {"shell=True"})
    assert not _named("# pickle\n'eval(x)'\npattern = 'os.system('") & _LOADERS


def _named(code: str) -> set[str]:
    """Return what a module imports, calls, and which option turns a shell on."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Call):
            found.add(ast.unparse(node.func))
        elif isinstance(node, ast.keyword) and node.arg == "shell":
            found |= {"shell=True"} if ast.unparse(node.value) == "True" else set()
    return found
