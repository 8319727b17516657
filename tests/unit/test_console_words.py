"""Every word of the console has a Chinese one, and both say the same names."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

import sps.console
from sps.console import catalogue
from sps.console.answers import Page
from sps.console.pages import palette
from sps.model.settings import KEYS
from sps.services import slo, telling

FOLDER = Path(sps.console.__file__).parent
_CALL = re.compile(r"""\bt\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
_CHOICE = re.compile(r"""("(?:[^"\\]|\\.)*") if [^"]*?(?:"[^"]*"[^"]*?)?else ("(?:[^"\\]|\\.)*")""")
_CALLS = re.compile(r"\bt\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_LISTS = re.compile(r"{% (?:set \w+ = |for [\w, ]+ in )[\[({](.*?)%}", re.DOTALL)
_ENTRY = re.compile(r'entry\([^)]*?, "[a-z]+", "([^"]+)"')
_STRING = re.compile(r'"([^"]+)"')
_SENTENCE = re.compile(r"[A-Z][a-z]+(?:[ ,.;:].*)?|[a-z]+: [a-z ,]+", re.DOTALL)
_KEYS = {"Enter", "Esc", "Ctrl K", "Shift H L", "Shift R"}
_NAMES = re.compile(r"\{(\w+)\}")
# Words that a template takes out of a value: states, titles of columns, sources of settings.
_VALUES = {
    "Planning", "Backlog", "Ready", "Active", "Review", "Done", "environment", "file", "flag",
    "default", "viewer", "operator", "admin", "agent", "Cards", "Projects", "Pages", "Actions",
    "to do", "at work", "in review", "need you", "done", "One card file cannot be read.",
    "Some card files cannot be read.", "It has no gate: nothing is tested before it lands.",
    "Home", "Level of the log", "Address", "Agents", "Database", "Engine's database", "Skills",
    "Skill store", "Log", "Trash", "Token for metrics", "Settings", "Views and snoozes", "Views",
    "for an hour", "for four hours", "until tomorrow", "for a week", "The last hour",
    "The last day", "The last week", "Nothing is silently stuck", "Pages answer",
    "The process is small",
}  # fmt: skip


def words() -> dict[str, set[str]]:
    """Return every English text that is passed to t, with the files that say it."""
    found: dict[str, set[str]] = {}
    for path in sorted((FOLDER / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        said = [ast.literal_eval(one) for one in _CALL.findall(text)]
        for call in _CALLS.findall(text):
            said += [ast.literal_eval(w) for pair in _CHOICE.findall(call) for w in pair]
        said += _ENTRY.findall(text)
        for some in _LISTS.findall(text):
            said += [w for w in _STRING.findall(some) if _SENTENCE.fullmatch(w) and w not in _KEYS]
        for one in said:
            found.setdefault(one, set()).add(path.name)
    for path in sorted((FOLDER / "pages").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for one in _of(node):
                found.setdefault(one, set()).add(path.name)
    others = {
        "telling.py": _told(),
        "settings.py": {key.says for key in KEYS},
        "palette.py": {one[0] for one in (*palette._PAGES, *palette._TASTES)},
        "values": _VALUES,
    }
    for file, some in others.items():
        for one in some:
            found.setdefault(one, set()).add(file)
    return {word: where for word, where in found.items() if re.search("[A-Za-z]{2}", word)}


def _told() -> set[str]:
    """Return the texts of phrases that tell events, and of promises about the service."""
    found = set(telling._VERBS.values())
    for module, call in ((telling, "_p"), (telling, "_one"), (slo, "within")):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == call:
                texts = node.args[:1] if call != "within" else [node.args[0], node.args[-1]]
                found |= {one.value for one in texts if isinstance(one, ast.Constant)}
    return found


def _of(node: ast.AST) -> list[str]:
    """Return the titles of pages and what is said to the catalogue by name."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return []
    if node.func.id == Page.__name__:
        return [
            one.value.value
            for one in node.keywords
            if one.arg == "title" and isinstance(one.value, ast.Constant) and one.value.value
        ]
    return []


def chinese() -> dict[str, str]:
    return catalogue.words("zh")


def test_every_word_has_a_chinese_one() -> None:
    missing = {word: sorted(where) for word, where in words().items() if word not in chinese()}
    lines = "\n".join(f"{', '.join(where)}: {word}" for word, where in sorted(missing.items()))
    assert not missing, f"{len(missing)} words are missing\n{lines}"


def test_both_languages_fill_in_the_same_names() -> None:
    for english, other in chinese().items():
        assert set(_NAMES.findall(english)) == set(_NAMES.findall(other)), english


@pytest.mark.parametrize("path", sorted((FOLDER / "words" / "zh").glob("*.json")), ids=str)
def test_word_files_hold_chinese_words_in_order(path: Path) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    for english, other in found.items():
        assert isinstance(other, str), english
        assert other.strip(), english


def test_two_files_do_not_say_a_word_differently() -> None:
    said: dict[str, tuple[str, str]] = {}
    for path in sorted((FOLDER / "words" / "zh").glob("*.json")):
        for english, other in json.loads(path.read_text(encoding="utf-8")).items():
            before = said.setdefault(english, (other, path.name))
            assert before[0] == other, (english, before, (other, path.name))
