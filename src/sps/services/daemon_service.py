"""The daemon of a home as a service of its machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sps.model.settings import KEYS
from sps.ports.service import ServiceSpec

if TYPE_CHECKING:
    from sps.ports.home import Home

_PASSED_ON = (
    *("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR"),
    *("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "SPS_DATABASE", "SPS_VAULTS"),
    # Where the owner's git, and what signs for it, find what is theirs.
    *("GNUPGHOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"),
    *("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
    *(key.variable for key in KEYS if key.variable),
)


def service_name(home: Home, environment: Mapping[str, str]) -> str:
    """Return the name of a home's service: `sps`, with a mark of the folder for another home than
    the usual one."""
    usual = Path(environment.get("HOME", "/")) / ".sps"
    if home.root == usual:
        return "sps"
    return f"sps-{hashlib.sha256(str(home.root).encode()).hexdigest()[:8]}"


def service_spec(
    home: Home, program: tuple[str, ...], words: tuple[str, ...], environment: Mapping[str, str]
) -> ServiceSpec:
    """Return the service that runs `program` with `up` and these words. It gets the PATH of now,
    where the agents are found, and no other variable but those that say where things are and what
    SPS is set to."""
    env = {key: environment[key] for key in _PASSED_ON if environment.get(key)}
    return ServiceSpec(
        name=service_name(home, environment),
        home=str(home.root),
        argv=(*program, "up", *words),
        env={**env, "SPS_HOME": str(home.root)},
    )
