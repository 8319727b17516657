"""One prompt from its text to its answer."""

from __future__ import annotations

from sps.scripted.blocks import Block, read_blocks
from sps.scripted.card import Card, read_card
from sps.scripted.errors import (
    BadBlockError,
    CancelledTurnError,
    RefusedTurnError,
    StepFailedError,
)
from sps.scripted.protocol import AGENT_FAILURE, INTERNAL_ERROR
from sps.scripted.steps import carry_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sps.scripted.session import Session

# No model is asked, so this is the whole truth.
_USAGE = {"totalTokens": 0, "inputTokens": 0, "outputTokens": 0}


def take_turn(session: Session, prompt: str, request_id: object) -> None:
    """Carry out the prompt and answer its request, exactly once, also when this code is wrong."""
    connection, finished = session.connection, False
    try:
        stop = _carry_out(session, read_card(prompt))
        session.busy, finished = False, True
        connection.reply(request_id, {"stopReason": stop, "usage": _USAGE})
    except BadBlockError as err:
        data: dict[str, object] = {"kind": "agent-failure", "line": err.line}
        session.busy, finished = False, True
        connection.fail(request_id, AGENT_FAILURE, str(err), data)
    finally:
        if not finished:
            session.busy = False
            connection.fail(request_id, INTERNAL_ERROR, "internal error, see the agent's stderr")


def _carry_out(session: Session, card: Card) -> str:
    """The stop reason; raises BadBlockError when a block fails."""
    try:
        blocks = [block for block in read_blocks(card.body) if block.applies_to(card)]
        done = [_step(session, block) for block in blocks if block.word != "verdict"]
        if card.kind == "review":
            verdicts = [block for block in blocks if block.word == "verdict"]
            session.say(_review(session, verdicts))
        else:
            session.say(_summary(done))
    except CancelledTurnError:
        return "cancelled"
    except RefusedTurnError:
        return "refusal"
    return "end_turn"


def _step(session: Session, block: Block) -> str:
    try:
        return carry_out(session, block)
    except StepFailedError as err:
        session.say(f"The block at line {block.line} failed: {err}\n")
        raise BadBlockError(block.line, str(err)) from err


def _review(session: Session, blocks: list[Block]) -> str:
    """Write the verdict of the blocks and give the sentence about it."""
    from sps.scripted.verdict import Verdict

    verdict = Verdict()
    for block in blocks:
        verdict.add(block)
    session.check()
    try:
        verdict.write(session.cwd)
    except StepFailedError as err:
        raise BadBlockError(blocks[0].line if blocks else 0, str(err)) from err
    if not blocks:
        return "The card has no verdict block for this review: approved.\n"
    return f"Verdict: {verdict.word}, comments: {len(verdict.comments)}.\n"


def _summary(done: list[str]) -> str:
    if not done:
        return "There is nothing to do: no block of the card applies here.\n"
    lines = [f"- {line}\n" for line in done if line]
    return "".join(["Done.\n", *lines])
