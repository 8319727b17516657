"""What services say is heard in Chinese, whole or sentence by sentence; the rest stays as it is."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest

from sps.console.heard import heard
from sps.services import advice, agent_login, doctor, environment_health, why
from sps.services.skills import health

_LETTERS = re.compile(r"[A-Za-z]{2}")
_NAMES = re.compile(r"\{\w+\}")
# Given on as it was found: paths, versions, Git's and other programs' own words.
_FOREIGN = {"7", "7 (7)", "7: 7", "7:7:7: 7", "git"}


def _filled(node: ast.expr) -> str | None:
    """Return a text of the source with a 7 for everything that is put in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [one.value if isinstance(one, ast.Constant) else "7" for one in node.values]
        return "".join(str(part) for part in parts)
    return None


def _said(module: object, names: set[str]) -> set[str]:
    """Return the texts that a module gives to these names, as arguments or variables."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(Path(str(getattr(module, "__file__"))).read_text())):  # noqa: B009
        if isinstance(node, ast.keyword) and node.arg in names:
            found |= {text for text in [_filled(node.value)] if text}
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in names:
            found |= {text for text in [_filled(node.value)] if text}
    return {text for text in found - _FOREIGN if _LETTERS.search(text.replace("7", ""))}


@pytest.mark.parametrize("reason", sorted(advice.ADVICE))
def test_every_advice_is_heard_in_chinese(reason: str) -> None:
    says = advice.ADVICE[reason][0].format(project="shop", seq=7, repo="/r", reason=reason)
    told = heard("zh", says)
    plain = re.sub(r"`[^`]*`|sps [a-z ]+|shop|SPS|git|Git LFS|CI", "", told)
    assert not re.search(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+", plain), told


def test_every_place_of_a_card_is_heard_in_chinese() -> None:
    for says in why._WHERE.values():
        text = says.format(stage="develop", attempt=2, commit="abc")
        assert heard("zh", text) != text


def test_every_check_is_heard_in_chinese() -> None:
    said = _said(doctor, {"name", "cause"}) | _said(environment_health, {"cause"})
    said |= _said(health, {"cause", "says"})
    assert len(said) > 30
    assert sorted(text for text in said if heard("zh", text) == text) == []


def test_every_login_is_heard_in_chinese() -> None:
    tree = ast.parse(Path(agent_login.__file__).read_text())
    named = [one for one in ast.walk(tree) if getattr(one, "name", "") == "login_words"]
    texts = [_filled(one.value) for one in ast.walk(named[0]) if isinstance(one, ast.Return)]
    assert [text for text in texts if text and heard("zh", text.replace("77", "7")) == text] == []


def test_text_from_elsewhere_stays_as_it_is() -> None:
    for text in ("fatal: not a git repository", "", "x" * 5000, "{name}", "gate {x} failed"):
        assert heard("zh", text) == text
    assert heard("en", "needs a person") == "needs a person"


def test_names_are_put_where_they_belong() -> None:
    told = heard("zh", 'gate "unit" failed (exit 3)')
    assert "unit" in told
    assert "3" in told

    told = heard("zh", "The agent crashed. It is tried again by itself. Next try: 2026-01-01.")
    assert told == "智能体崩溃了。之后会自动重试。下次尝试：2026-01-01。"


def test_hostile_text_takes_no_time() -> None:
    began = time.process_time()
    for text in (
        "a: of for : " * 40,
        "runs there, not the of your " * 17,
        ". " * 240,
        "X of " * 99,
    ):
        assert heard("zh", text[:499]) is not None
    assert time.process_time() - began < 2
