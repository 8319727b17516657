"""When an agent's provider asks for patience: the next agent of the list, else the reset time."""

from __future__ import annotations

from sps.flow import breaker
from sps.flow.admit import choice_of
from sps.flow.ground import Ground
from sps.flow.record import fact
from sps.flow.session import Session
from sps.flow.setback import Failure, park
from sps.lib.threads import in_thread
from sps.model.card import Card
from sps.model.event import Event, EventKind
from sps.ports.store import Reading
from sps.ports.world import World


async def limited(
    world: World, card: Card, ground: Ground, session: Session, failure: Failure
) -> Card:
    """Hand the card over to the next agent of its list that has quota; without one it waits until
    the first of them has some again. Costs no attempt either way."""
    now = world.clock.now()
    until = session.report.retry_at or now + breaker.PATIENCE_MS
    left = session.run.agent

    def question(tx: Reading) -> dict[str, int]:
        agents = choice_of(tx, card, ground.pipeline).agents
        return {name: until if name == left else breaker.closed_until(tx.breaker(name), now)
                for name in agents}  # fmt: skip

    waits = await in_thread(world.store.read, question)
    free = next((name for name, wait in waits.items() if wait <= now), None)
    if free is not None and free != left:
        told = _told(world, card, session, EventKind.AGENT_HANDED_OVER, left, to=free, until=until)
        return await park(world, card, _with(failure, told), until=now)
    first = min(waits.values(), default=until)
    agents = list(waits) or [left]
    told = _told(
        world, card, session, EventKind.AGENT_OUT_OF_QUOTA, left, agents=agents, until=first
    )
    return await park(world, card, _with(failure, told), until=max(first, now + 1))


def _with(failure: Failure, event: Event) -> Failure:
    return Failure(
        reason=failure.reason,
        detail=failure.detail,
        text=failure.text,
        events=[*failure.events, event],
        also=failure.also,
    )


def _told(
    world: World, card: Card, session: Session, kind: EventKind, agent: str, **more: object
) -> Event:
    return fact(world, card, kind, session.run.id, agent=agent, **more)
