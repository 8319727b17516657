"""What whoever holds the pipes to an agent can rely on when they are closed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sps.adapters.agent_acp.pipes import Pipes

LEFT = b"x" * 1_000_000  # more than a pipe takes


async def closed(*, written: bytes, asked: bool, broken: bool) -> list[dict[str, Any]]:
    """Close pipes in a state, and return what the loop complained of."""
    loop, complaints = asyncio.get_running_loop(), list[dict[str, Any]]()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    pipes = Pipes.open()
    writer = await pipes.writer()
    if broken:
        pipes.release()
    writer.write(written)
    if asked:
        writer.close()
    pipes.close()
    for _ in range(5):
        await asyncio.sleep(0)
    assert writer.is_closing()
    assert writer.get_write_buffer_size() == 0
    return complaints


@pytest.mark.parametrize("written", [b"", b"hello", LEFT])
@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("broken", [True, False])
def test_pipes_are_closed_once_whatever_state_they_are_in(
    written: bytes, *, asked: bool, broken: bool
) -> None:
    assert asyncio.run(closed(written=written, asked=asked, broken=broken)) == []
