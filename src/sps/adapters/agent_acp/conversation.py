"""One conversation: hello, a session, its mode, a prompt, follow-ups. Uses the protocol library."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar, cast

import acp
from acp import schema
from pydantic import ValidationError

from sps.adapters.agent_acp.complaint import judge
from sps.adapters.agent_acp.desk import Desk
from sps.adapters.agent_acp.ending import Ending, Stop
from sps.adapters.agent_acp.spend import Spend
from sps.adapters.agent_acp.transcript import Transcript
from sps.adapters.agent_acp.updates import Updates, short
from sps.adapters.agent_acp.watch import Watch
from sps.adapters.agent_acp.wire import Wire
from sps.model.reason import AGENT_MISCONFIGURED
from sps.model.run import Outcome
from sps.ports.agent import AgentJob, AgentListener, Permission
from sps.ports.clock import Clock

_T = TypeVar("_T")
_TURNS = 50
_REFUSALS = 5  # turns that an agent may give up because something was refused
_OPENING = 60.0  # seconds for hello, and for a session
_SETTING = 30.0  # seconds for each mode and option
_STOPS = {
    "refusal": Ending(Outcome.REFUSED, "the agent refused the task"),
    "cancelled": Ending(Outcome.FAILED, "the agent gave up its turn, and nobody had asked it to"),
    "max_tokens": Ending(Outcome.FAILED, "the agent's token limit of a turn was reached"),
    "max_turn_requests": Ending(Outcome.FAILED, "the agent's request limit of a turn was reached"),
}


_Option: TypeAlias = schema.SessionConfigOptionSelect | schema.SessionConfigOptionBoolean
_WORDS = {"model": "model", "thought_level": "effort"}


class Unoffered(Exception):
    """Something that was asked for and that the agent does not offer. `key` is that of its entry
    which asks; empty where a card, stage or pipeline does."""

    def __init__(self, what: str, wanted: str, values: Sequence[str], *, key: str = "") -> None:
        offers = ", ".join(short(value, 80) for value in values[:30]) or "no choice of it"
        self.key = key
        super().__init__(f"has no {what} {wanted}; it offers {offers}")


class _Deaf:
    """The library wants one; what an agent asks is answered before it comes to the library."""


@dataclass(frozen=True)
class Room:
    """What a conversation happens in."""

    listener: AgentListener
    desk: Desk
    updates: Updates
    spend: Spend
    watch: Watch
    transcript: Transcript
    stop: Stop
    clock: Clock


class Conversation:
    """Speaks first and listens to answers; everything else arrives through the wire."""

    def __init__(self, job: AgentJob, wire: Wire, room: Room) -> None:
        self._job = job
        self._room = room
        self._agent = acp.connect_to_agent(cast("acp.Client", _Deaf()), wire)
        self._asking = ""
        self._over = False
        self._ways_in: list[str] = []  # methods of authentication that were not tried yet
        self._ways_offered: list[str] = []
        self.session_id: str | None = None
        self.greeted = False

    async def hold(self) -> Ending:
        """Hold the conversation to its end, whatever that is. Never raises but when cancelled."""
        try:
            await self._open()
            return await self._turns()
        except acp.RequestError as err:
            prompted = self._asking == "session/prompt"
            now = self._room.clock.now()
            return judge(err.code, str(err), err.data, now=now, prompted=prompted)
        except Unoffered as err:
            return self._unfit(err)
        except ValidationError:
            return Ending(Outcome.PROTOCOL, f"an answer to {self._asking} that makes no sense")
        except ConnectionError:
            return Ending(Outcome.CRASHED)
        finally:
            self._room.updates.flush()

    async def cancel(self) -> None:
        """Ask the agent to end its turn; no other turn will be begun."""
        self._over = True
        if self.session_id is not None:
            with contextlib.suppress(ConnectionError):
                await self._agent.cancel(session_id=self.session_id)

    async def close(self) -> None:
        """Close our end of the line."""
        await self._agent.close()

    async def _open(self) -> None:
        fs = self._job.kind.fs
        hello = await self._ask(
            "initialize",
            _OPENING,
            self._agent.initialize(
                protocol_version=acp.PROTOCOL_VERSION,
                client_capabilities=schema.ClientCapabilities(
                    fs=schema.FileSystemCapabilities(read_text_file=fs, write_text_file=fs),
                    terminal=False,
                ),
                client_info=schema.Implementation(name="sps", version="1"),
            ),
        )
        if hello.protocol_version != acp.PROTOCOL_VERSION:
            raise acp.RequestError(
                -32600, f"the agent speaks version {hello.protocol_version} of the protocol"
            )
        self.greeted = True
        self._ways_offered = [method.id for method in hello.auth_methods or ()]
        wanted = self._job.kind.auth_methods
        self._ways_in = [way for way in wanted if way in self._ways_offered]
        can_load = bool(hello.agent_capabilities and hello.agent_capabilities.load_session)
        resumed = await self._resumed() if can_load else None
        session = await self._new() if resumed is None else resumed
        self._room.listener.session(self.session_id or "")
        await self._set_mode(session.modes)
        known: Sequence[_Option] = session.config_options or []
        await self._set_options(known)
        known = await self._choose("model", self._job.model, self._job.kind.model_env, known)
        await self._choose("thought_level", self._job.effort, self._job.kind.effort_env, known)

    async def _resumed(self) -> schema.LoadSessionResponse | None:
        session_id = self._job.session_id
        if session_id is None or not self._job.kind.resume:
            return None
        try:
            session = await self._admitted(
                "session/load",
                lambda: self._agent.load_session(
                    cwd=self._job.workspace, session_id=session_id, mcp_servers=[]
                ),
            )
        except (acp.RequestError, ValidationError) as err:
            self._note(f"session {session_id} could not be resumed: {short(str(err))}")
            return None
        self.session_id = session_id
        return session

    async def _new(self) -> schema.NewSessionResponse:
        session = await self._admitted(
            "session/new",
            lambda: self._agent.new_session(cwd=self._job.workspace, mcp_servers=[]),
        )
        # It comes back in every request and stands in our tables.
        if not 0 < len(session.session_id) <= 500 or not session.session_id.isprintable():
            raise acp.RequestError(-32600, "an impossible session id")
        self.session_id = session.session_id
        return session

    async def _admitted(self, request: str, call: Callable[[], Awaitable[_T]]) -> _T:
        """Ask for a session; where the agent wants to be authenticated first, do so and ask again.
        Each of its ways is tried at most once. Raises `Unoffered` when the entry names none of
        those that there are."""
        wanted = self._job.kind.auth_methods
        while True:
            try:
                return await self._ask(request, _OPENING, call())
            except acp.RequestError as err:
                judged = judge(err.code, str(err), err.data, now=0, prompted=False)
                if judged.outcome is not Outcome.LOGIN:
                    raise
                if wanted and not set(wanted) & set(self._ways_offered):
                    raise Unoffered(
                        "way to take a key named", " or ".join(wanted), self._ways_offered,
                        key="auth_methods",
                    ) from err  # fmt: skip
                if not await self._authenticated():
                    raise self._unnamed(err) from err

    def _unnamed(self, err: acp.RequestError) -> acp.RequestError:
        """Say which ways there are where an entry takes keys only and names none."""
        kind, offered = self._job.kind, self._ways_offered
        if kind.auth_methods or kind.login_files or not kind.keys or not offered:
            return err
        ways = ", ".join(short(way, 80) for way in offered)
        says = f"{err}; it offers the ways {ways}, and `auth_methods` of {kind.name} names none"
        return acp.RequestError(err.code, says, err.data)

    async def _authenticated(self) -> bool:
        """Say whether the agent took the key in its environment by one of the ways left."""
        while self._ways_in:
            way = self._ways_in.pop(0)
            try:
                await self._ask("authenticate", _OPENING, self._agent.authenticate(method_id=way))
            except (acp.RequestError, ValidationError) as err:
                self._note(f"{way} was refused: {short(str(err))}")
            else:
                return True
        return False

    async def _set_mode(self, modes: schema.SessionModeState | None) -> None:
        """Select the mode of the entry: it is the one that asks for permission, so nothing is done
        without it. A session that is taken up again may not say which modes there are."""
        mode = self._job.kind.mode
        if mode is None or (modes is not None and modes.current_mode_id == mode):
            return
        offered = [known.id for known in modes.available_modes] if modes is not None else []
        unoffered = Unoffered("mode", mode, offered, key="mode")
        if modes is not None and mode not in offered:
            raise unoffered
        setting = self._agent.set_session_mode(session_id=self.session_id or "", mode_id=mode)
        try:
            await self._ask(f"setting mode {mode}", _SETTING, setting)
        except (acp.RequestError, ValidationError) as err:
            raise unoffered from err

    async def _set_options(self, known: Sequence[_Option]) -> None:
        types = {option.id: option.type for option in known}
        for name, value in self._job.kind.options.items():
            typed = value == "true" if types.get(name) == "boolean" else value
            await self._set(
                f"option {name}",
                self._agent.set_config_option(
                    config_id=name, session_id=self.session_id or "", value=typed
                ),
            )

    async def _choose(
        self, category: str, wanted: str | None, variable: str, known: Sequence[_Option]
    ) -> Sequence[_Option]:
        """Select the model or effort that was asked for; return the options as they are then. What
        the session does not offer was given by the variable, if the kind has one."""
        option = next((one for one in known if one.category == category), None)
        if wanted is None or (option is None and variable):
            return known
        values = _values(option)
        if option is None or wanted not in values:
            raise Unoffered(_WORDS[category], wanted, values)
        answer = await self._ask(
            f"setting {category} {wanted}",
            _SETTING,
            self._agent.set_config_option(
                config_id=option.id, session_id=self.session_id or "", value=wanted
            ),
        )
        return answer.config_options

    async def _set(self, what: str, call: Awaitable[object]) -> None:
        try:
            await self._ask(f"setting {what}", _SETTING, call)
        except (acp.RequestError, ValidationError) as err:
            self._note(f"{what} could not be set: {short(str(err))}")

    async def _turns(self) -> Ending:
        prompt: str | None = self._job.prompt
        refusals = 0
        for _ in range(_TURNS):
            if prompt is None:
                return Ending(Outcome.ENDED)
            stopped = (await self._turn(prompt)).stop_reason
            # A message that is taken must also be sent.
            over = self._over or self._room.stop.ending is not None
            refused = self._room.desk.refused
            if stopped == "cancelled" and over:
                return Ending(Outcome.CANCELLED, "the turn was cancelled")
            if stopped == "cancelled" and refused and refusals < _REFUSALS:
                # To some agents a refusal means to stop and wait for their person's next word.
                refusals += 1
                prompt = _go_on(refused)
            elif stopped != "end_turn":
                return _STOPS[stopped]
            else:
                prompt = None if over else self._room.listener.message()
        return Ending(Outcome.ENDED, f"{_TURNS} turns are over" if prompt is not None else "")

    async def _turn(self, prompt: str) -> schema.PromptResponse:
        room = self._room
        room.updates.begin_turn()
        room.desk.refused = None
        room.transcript.add("prompt", text=prompt)
        self._asking = "session/prompt"
        response = await self._agent.prompt(
            session_id=self.session_id or "", prompt=[acp.text_block(prompt)]
        )
        room.updates.flush()
        usage = response.usage
        spent = (usage.input_tokens, usage.output_tokens) if usage else (0, 0)
        room.spend.finished(usage.total_tokens if usage else None, spent)
        room.transcript.add("turn", stop=response.stop_reason)
        return response

    async def _ask(self, request: str, seconds: float, call: Awaitable[_T]) -> _T:
        self._asking = request
        with self._room.watch.limit(request, seconds):
            return await call

    def _unfit(self, err: Unoffered) -> Ending:
        name = self._job.kind.name
        if not err.key:
            return Ending(Outcome.MISSING, f"{name} {err}")
        says = f"{name} {err}. `{err.key}` of {name} in agents.yaml has to name what it offers"
        return Ending(Outcome.MISSING, says, reason=AGENT_MISCONFIGURED)

    def _note(self, text: str) -> None:
        self._room.transcript.add("note", text=text)


def _values(option: _Option | None) -> list[str]:
    """Return what an option can be set to, groups and all."""
    if not isinstance(option, schema.SessionConfigOptionSelect):
        return []
    found: list[str] = []
    for one in option.options:
        group = isinstance(one, schema.SessionConfigSelectGroup)
        found += [inner.value for inner in one.options] if group else [one.value]
    return found


def _go_on(refused: Permission) -> str:
    where = f" ({refused.path})" if refused.path else ""
    return (
        f"Your last request was refused by a rule: {refused.rule}{where}. Nobody will allow it. "
        "Do the task without it, inside the current folder; if that cannot be done, say why."
    )
