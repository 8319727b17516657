"""How Codex is registered for these tests: the built-in entry, with another model behind it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from sps.ports.agent import AgentKind

NAME = "codex-under-test"
_CONFIG = ".codex/config.toml"
_MODEL = 'model = "scripted-model"\nmodel_provider = "scripted"\n'
_PROVIDER = """
[model_providers.scripted]
name = "scripted"
base_url = "http://127.0.0.1:{port}/v1"
env_key = "SCRIPTED_MODEL_KEY"
wire_api = "responses"
"""


def under_test(built_in: AgentKind, program: Path, port: int, env: dict[str, str]) -> AgentKind:
    """Return the built-in kind, started from `program`, with the model at `port`."""
    # In TOML what belongs to no table comes first.
    config = _MODEL + built_in.files[_CONFIG] + _PROVIDER.replace("{port}", str(port))
    return msgspec.structs.replace(
        built_in,
        name=NAME,
        command=(str(program),),
        env={**built_in.env, "SCRIPTED_MODEL_KEY": "not-a-secret", **env},
        pass_env=(),
        hosts=(f"127.0.0.1:{port}",),
        files={**built_in.files, _CONFIG: config},
    )
