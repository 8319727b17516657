"""How Codex is registered for these tests."""

from __future__ import annotations

import json
from pathlib import Path

# Codex's own sandbox needs namespaces of its own, which a box that root starts refuses; every
# command would then fail while the turn still ends well. Our box is the boundary, so Codex has none
# of its own (danger-full-access), and `untrusted` makes it ask its client before each command. That
# pair is none of its named modes, so no mode is set.
CONFIG = """\
model = "scripted-model"
model_provider = "scripted"
approval_policy = "untrusted"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false

[analytics]
enabled = false

[model_providers.scripted]
name = "scripted"
base_url = "http://127.0.0.1:{port}/v1"
env_key = "SCRIPTED_MODEL_KEY"
wire_api = "responses"
"""


def registry(program: Path, port: int, *, env: dict[str, str]) -> str:
    """Return the owner's file of agents: JSON, which is YAML as well."""
    entry = {
        "title": "Codex with a scripted model",
        "command": [str(program)],
        "env": {"CODEX_HOME": "{home}/.codex", "SCRIPTED_MODEL_KEY": "not-a-secret", **env},
        "endpoint": f"http://127.0.0.1:{port}",
        "files": {".codex/config.toml": CONFIG.replace("{port}", str(port))},
    }
    return json.dumps({"agents": {"codex-under-test": entry}})
