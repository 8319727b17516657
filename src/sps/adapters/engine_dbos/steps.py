"""The steps of one workflow as steps of DBOS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sps.lib.killpoint import reach
from sps.model.errors import Misuse


class NotRecorded(BaseException):
    """Carries a failure past DBOS, which would record an `Exception` and repeat it for ever."""

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__()
        self.failure = failure


class DbosSteps:
    """Implements `Steps`. DBOS knows a step by its place in the order and checks its name, so a
    workflow must run its steps in the same order in each life; a changed order is an error from
    `run`, and its workflow goes on under a new id."""

    def __init__(self, workflow_id: str) -> None:
        self.workflow_id = workflow_id
        self._known: dict[str, str] = {}

    async def run(self, name: str, body: Callable[[], Awaitable[str]]) -> str:
        """Return the recorded result, or run the body and record what it returned. A body that
        raised or was cancelled leaves no record."""
        from dbos import DBOS

        if not name:
            raise Misuse("step-name", "a workflow step needs a name")
        if name in self._known:
            return self._known[name]

        async def effect() -> str:
            try:
                result = await body()
            except Exception as err:
                raise NotRecorded(err) from err
            if not isinstance(result, str):
                raise NotRecorded(
                    TypeError(f"step {name} returned {type(result).__name__}, not text")
                )
            reach("step-before-record")
            return result

        try:
            # Preemptible: whoever cancels the workflow in the database stops the body too.
            result = await DBOS.run_step_async({"name": name, "preemptible": True}, effect)
        except NotRecorded as stop:
            failure = stop.failure
        else:
            reach("step-after-record")
            self._known[name] = result
            return result
        assert failure is not None
        raise failure
