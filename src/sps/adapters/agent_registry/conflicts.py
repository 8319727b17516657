"""What an entry says that cannot be right, as far as it shows without starting the agent."""

from __future__ import annotations

import re

from sps.adapters.agent_registry.namesake import owner
from sps.model.destination import destination, of_address
from sps.ports.agent import AgentKind

_ADDRESS = re.compile(r"https?://[^\s\"'<>`]+", re.IGNORECASE)


def wrong_ways(kind: AgentKind) -> str:
    """Say that the program belongs to a kind that takes a key by none of the ways of this entry."""
    known = owner(kind) if kind.auth_methods else None
    if known is None or set(kind.auth_methods) & {*known.auth_methods}:
        return ""
    return (
        f"its program is that of {known.name}, which takes a key by"
        f" {', '.join(known.auth_methods) or 'no way of that kind'}; `auth_methods` of {kind.name}"
        f" in agents.yaml names {', '.join(kind.auth_methods)}"
    )


def unlisted(kind: AgentKind) -> str:
    """Name the addresses in an entry's own `env` and `files` that its `hosts` lets nobody reach."""
    listed = {destination(host) for host in kind.hosts}
    texts = (*kind.env.values(), *kind.files.values())
    named = [of_address(found) for text in texts for found in _ADDRESS.findall(text)]
    missing = dict.fromkeys(str(place) for place in named if place and place not in listed)
    if not missing:
        return ""
    return f"it names {', '.join(missing)}, and `hosts` of {kind.name} in agents.yaml does not"
