"""What a card may begin with, for who has no words yet."""

from __future__ import annotations

import msgspec


class CardTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """A beginning of a card's text, in Markdown."""

    key: str
    name: str
    body: str


TEMPLATES = (
    CardTemplate(
        key="feature",
        name="Feature",
        body="What should be possible that is not possible now, and for whom.\n\n"
        "- [ ] It does this\n- [ ] Bad input gets an error that says what to do\n"
        "- [ ] There is a test for it\n",
    ),
    CardTemplate(
        key="bug",
        name="Bug",
        body="What happens, and what should happen instead.\n\n"
        "## To see it\n\n1. Do this\n2. See that\n\n"
        "- [ ] A test that fails without the repair\n- [ ] The repair\n",
    ),
    CardTemplate(
        key="refactor",
        name="Clean-up",
        body="What is hard to read or to change today, and how it should be.\n\n"
        "- [ ] Behaviour is the same: no test changes\n- [ ] What became unused is gone\n",
    ),
    CardTemplate(
        key="script",
        name="Script, without a model",
        body="The agent `scripted` carries out what the blocks say.\n\n"
        "```sh\necho a command in the workspace\n```\n\n"
        "```file path=docs/example.md\nThe whole content of a file.\n```\n",
    ),
)


def card_template(key: str) -> CardTemplate | None:
    """Return the template of that key, None for any other."""
    return next((one for one in TEMPLATES if one.key == key), None)
