"""What an entry says that cannot be right, as far as it shows without starting the agent."""

from __future__ import annotations

from sps.adapters.agent_registry.namesake import of_this_name, owner
from sps.model.destination import destination, named_in
from sps.ports.agent import AgentKind


def misfit(kind: AgentKind) -> str:
    """Say that an entry starts the program of one built-in kind and was made for another one: by
    none of its ways does that one take a key, or its mode is one of the other's."""
    known = owner(kind)
    if known is None:
        return ""
    says = []
    if kind.auth_methods and not set(kind.auth_methods) & {*known.auth_methods}:
        ways = ", ".join(known.auth_methods) or "no way of that kind"
        says.append(
            f"takes a key by {ways}, not by {', '.join(kind.auth_methods)} (`auth_methods`)"
        )
    others = {one.mode for one in of_this_name(kind) if one.mode != known.mode}
    if kind.mode and kind.mode in others:
        says.append(f"has no mode {kind.mode} (`mode`)")
    if not says:
        return ""
    entry = f"the entry {kind.name} in agents.yaml names what it does not have"
    return f"its program is that of {known.name}, which {' and '.join(says)}: {entry}"


def unlisted(kind: AgentKind) -> str:
    """Name the addresses in an entry's own `env` and `files` that its `hosts` lets nobody reach."""
    listed = {destination(host) for host in kind.hosts}
    named = named_in("\n".join((*kind.env.values(), *kind.files.values())))
    missing = [str(place) for place in named if place not in listed]
    if not missing:
        return ""
    return f"it names {', '.join(missing)}, and `hosts` of {kind.name} in agents.yaml does not"
