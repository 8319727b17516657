"""The text an agent gets: task, acceptance, skills, what happened before, and the rules."""

from __future__ import annotations

import msgspec

from sps.flow.setback import Evidence
from sps.model.card import CardText
from sps.model.pipeline import Gate, Stage, StageKind

_DIFF_LIMIT = 60_000
_TEXT_LIMIT = 20_000


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """A skill as its reader gets it: its text, and where the rest of it lies."""

    name: str
    text: str
    place: str
    files: tuple[str, ...] = ()


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a prompt is made of. Equal briefs give equal prompts."""

    number: str  #: project#seq
    nonce: str  #: unguessable mark around the card's text
    card: CardText
    stage: Stage
    attempt: int
    branch: str
    gates: tuple[Gate, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    sentences: tuple[str, ...] = ()  #: for a reviewer: what only a reader can judge
    evidence: Evidence | None = None
    comments: tuple[str, ...] = ()  #: what the owner said since the last attempt
    diff: str = ""  #: the card's change so far
    gate_report: str = ""  #: for a reviewer
    git: bool = True  #: whether to speak of branches and commits


def assemble(brief: Brief) -> str:
    """Return the prompt of a work or review stage."""
    parts = [_opening(brief), _card(brief), _acceptance(brief), _lessons(brief)]
    if brief.stage.kind is StageKind.REVIEW:
        parts += [_change(brief, "The change under review"), _gate_report(brief)]
        parts += [_sentences(brief), _verdict_rules()]
    else:
        parts += [_before(brief), _change(brief, "Your change so far"), _work_rules(brief)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(brief: Brief) -> str:
    if brief.stage.kind is StageKind.REVIEW:
        return (
            f"You review the change for card {brief.number} (stage {brief.stage.name}). The "
            "current folder is a read-only checkout of exactly the tree that would land."
        )
    place = (
        f"your own clone of the repository; the target branch is {brief.branch}"
        if brief.git
        else "your own copy of the project"
    )
    return (
        f"You work on card {brief.number}, stage {brief.stage.name}, attempt {brief.attempt}. The "
        f"current folder is {place}."
    )


def _card(brief: Brief) -> str:
    head = (
        f"<<<SPS-CARD {brief.nonce} stage={brief.stage.name} kind={brief.stage.kind.value} "
        f"attempt={brief.attempt}"
    )
    body = brief.card.body if brief.card.body.endswith("\n") else brief.card.body + "\n"
    return f"# {brief.card.title}\n\n{head}\n{body}SPS-CARD {brief.nonce}>>>"


def _acceptance(brief: Brief) -> str:
    commands = [f"- `{gate.run}` ({gate.name})" for gate in brief.gates if gate.run]
    if not commands:
        return ""
    return "## Acceptance\n\nThese commands have to pass on the merged tree:\n" + "\n".join(
        commands
    )


def _lessons(brief: Brief) -> str:
    return f"## Skills for this card\n\n{as_text(brief.lessons)}" if brief.lessons else ""


def as_text(lessons: tuple[Lesson, ...]) -> str:
    """Write skills as their reader gets them: the text of each, and the index of its files."""
    return "\n\n".join(map(_lesson, lessons))


def _lesson(lesson: Lesson) -> str:
    text = f"### Skill: {lesson.name}\n\n{lesson.text.strip()}"
    if lesson.files:
        text += f"\n\nIts files lie in `{lesson.place}`, read one when the text above says so: "
        text += ", ".join(f"`{name}`" for name in lesson.files)
    return text


def _before(brief: Brief) -> str:
    parts = []
    if brief.evidence:
        text = _bounded(brief.evidence.text, _TEXT_LIMIT)
        parts.append(f"Why this card came back: {brief.evidence.reason}\n\n{_fenced(text)}")
        if brief.evidence.overlay:
            parts.append(
                "The folder holds your earlier change merged with the newest target. Files with "
                "conflict markers have to be resolved."
            )
    parts += [f"The owner says: {comment}" for comment in brief.comments]
    return "## What happened before\n\n" + "\n\n".join(parts) if parts else ""


def _change(brief: Brief, title: str) -> str:
    if not brief.diff:
        return ""
    return f"## {title}\n\n{_fenced(_bounded(brief.diff, _DIFF_LIMIT), 'diff')}"


def _gate_report(brief: Brief) -> str:
    return f"## What the gates said\n\n{brief.gate_report}" if brief.gate_report else ""


def _sentences(brief: Brief) -> str:
    if not brief.sentences:
        return ""
    rules = "\n".join(f"- {sentence}" for sentence in brief.sentences)
    return f"## Rules that no tool can judge\n\nAsk for changes where one is broken:\n\n{rules}"


def _work_rules(brief: Brief) -> str:
    keep = (
        "Commit if you like; what you leave uncommitted is committed for you."
        if brief.git
        else "What you leave there is kept."
    )
    messages = " or commit messages" if brief.git else ""
    return (
        "## Rules\n\n"
        f"- Change files in this folder only. {keep}\n"
        "- Do not weaken, skip or delete tests, and leave gate and CI configuration alone, unless "
        "the card asks for it: such changes wait for a person.\n"
        f"- Put no secrets into files{messages}.\n"
        "- When you are done, say in a few sentences what you changed and why."
    )


def _verdict_rules() -> str:
    return (
        "## Your verdict\n\n"
        "Write JSON to the file named in the environment variable SPS_VERDICT:\n"
        '{"verdict": "approve" or "changes", "comments": [{"path": "src/x.py", "line": 3, '
        '"text": "what has to change and why"}]}\n'
        "Judge whether the change does what the card asks, is correct and complete, and fits the "
        "code around it. Ask for changes only where you can say what is wrong."
    )


def _bounded(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[... {len(text) - limit} characters left out ...]\n{text[-half:]}"


def _fenced(text: str, word: str = "") -> str:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{word}\n{text.rstrip()}\n{fence}"
