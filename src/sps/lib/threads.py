"""Blocking calls from async code, in three pools: slow ones must not hold up short ones, nor those
who look on the work itself."""

from __future__ import annotations

import asyncio
import contextvars
import weakref
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_SHORT = 8
_SLOW = 16
_ASKED = 8


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a short blocking call in a thread. It is always waited for, even when the caller is
    cancelled meanwhile, so that nothing goes on behind its back."""
    pools = await _pools()
    return await _to_its_end(pools.short, partial(call, *args, **kwargs))


async def in_slow_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same for a call that may wait long for something outside, such as a repository."""
    pools = await _pools()
    return await _to_its_end(pools.slow, partial(call, *args, **kwargs))


async def in_asked_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same for what a visitor asks for: however many ask for however much, only visitors wait
    for it."""
    pools = await _pools()
    return await _to_its_end(pools.asked, partial(call, *args, **kwargs))


async def _to_its_end(pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(loop.run_in_executor(pool, lambda: context.run(call)))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _pool(name: str, threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix=f"sps-{name}")


@dataclass
class _Pools:
    """The pools of one loop; a pool makes its threads when they are needed."""

    short: ThreadPoolExecutor = field(default_factory=lambda: _pool("short", _SHORT))
    slow: ThreadPoolExecutor = field(default_factory=lambda: _pool("slow", _SLOW))
    asked: ThreadPoolExecutor = field(default_factory=lambda: _pool("asked", _ASKED))
    keeper: AsyncIterator[None] | None = None


_of_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Pools] = weakref.WeakKeyDictionary()


async def _pools() -> _Pools:
    loop = asyncio.get_running_loop()
    pools = _of_loop.get(loop)
    if pools is None:
        pools = _of_loop[loop] = _Pools()
        pools.keeper = _keep(loop, pools)
        await anext(pools.keeper)
    return pools


async def _keep(loop: asyncio.AbstractEventLoop, pools: _Pools) -> AsyncIterator[None]:
    """Shut the pools down with the loop: a loop closes its asynchronous generators at its end, and
    it is the only thing that it lets others hang their own end on."""
    try:
        yield
    finally:
        _of_loop.pop(loop, None)
        pools.short.shutdown(wait=False)
        pools.slow.shutdown(wait=False)
        pools.asked.shutdown(wait=False)
