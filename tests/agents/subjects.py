"""The agents under test: built-in entries as they are, with another model behind them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sps.ports.agent import AgentKind

MODEL = "scripted-model"
_KEY = "not-a-secret"
_CODEX = ".codex/config.toml"
_CODEX_MODEL = f'model = "{MODEL}"\nmodel_provider = "scripted"\n'
_CODEX_PROVIDER = """
[model_providers.scripted]
name = "scripted"
base_url = "http://127.0.0.1:{port}/v1"
env_key = "SCRIPTED_MODEL_KEY"
wire_api = "responses"
"""
_OPENCODE = ".config/opencode/opencode.json"


@dataclass(frozen=True)
class Subject:
    """An agent: the built-in entry, what to fetch, and how the model is put behind it. `scenario`
    makes it ask for permission: some ask for each command, some when the model wants it."""

    entry: str
    programs: tuple[str, ...]
    model: Callable[[AgentKind, int], AgentKind]
    path: str  #: of the model's address that it asks
    scenario: str = "write-and-run"

    @property
    def name(self) -> str:
        return f"{self.entry}-under-test"

    def kind(
        self, built_in: AgentKind, programs: Mapping[str, Path], port: int, env: dict[str, str]
    ) -> AgentKind:
        """Return the built-in kind, started from fetched programs, with the model at `port`."""
        words = tuple(str(programs[name]) for name in self.programs)
        changed = self.model(built_in, port)
        return msgspec.structs.replace(
            changed,
            name=self.name,
            command=(*words, *built_in.command[1:]),
            env={**changed.env, **env},
            hosts=(f"127.0.0.1:{port}",),
            pass_env=(),
            base_urls=(),
            keys=(),
            login_files=(),
            node=0,
            readonly=tuple(str(_tree(programs[name])) for name in self.programs),
        )


def _tree(program: Path) -> Path:
    """Return the folder of packages that a program lies in, else its own."""
    places = [place for place in program.parents if place.name == "node_modules"]
    return places[-1] if places else program.parent


def _codex(kind: AgentKind, port: int) -> AgentKind:
    # In TOML what belongs to no table comes first.
    config = _CODEX_MODEL + kind.files[_CODEX] + _CODEX_PROVIDER.replace("{port}", str(port))
    return msgspec.structs.replace(
        kind,
        env={**kind.env, "SCRIPTED_MODEL_KEY": _KEY},
        files={**kind.files, _CODEX: config},
    )


def _claude(kind: AgentKind, port: int) -> AgentKind:
    given = {"ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}", "ANTHROPIC_API_KEY": _KEY}
    return msgspec.structs.replace(kind, env={**kind.env, **given})


def _opencode(kind: AgentKind, port: int) -> AgentKind:
    options = {"baseURL": f"http://127.0.0.1:{port}/v1", "apiKey": _KEY}
    known = {
        MODEL: {"name": MODEL, "tool_call": True, "limit": {"context": 200000, "output": 8192}}
    }
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "S",
        "options": options,
        "models": known,
    }
    config = {
        **json.loads(kind.files[_OPENCODE]),
        "model": f"scripted/{MODEL}",
        "small_model": f"scripted/{MODEL}",
        "enabled_providers": ["scripted"],
        "provider": {"scripted": provider},
    }
    return msgspec.structs.replace(kind, files={**kind.files, _OPENCODE: json.dumps(config)})


SUBJECTS = (
    Subject("zed-codex", ("zed-codex-acp",), _codex, "/v1/responses"),
    Subject("codex", ("node", "codex-acp"), _codex, "/v1/responses", "ask-and-run"),
    Subject("claude", ("node", "claude-agent-acp"), _claude, "/v1/messages"),
    Subject("opencode", ("opencode",), _opencode, "/v1/chat/completions"),
)
