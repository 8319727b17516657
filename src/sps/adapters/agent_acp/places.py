"""The places outside that a session may reach."""

from __future__ import annotations

import os

from sps.model.destination import Destination, destination, of_address
from sps.model.errors import Misuse
from sps.ports.agent import AgentJob


def places(job: AgentJob) -> tuple[Destination, ...]:
    """Return what the kind needs, what the pipeline allows, and what the owner's own variables
    name. Raises `Misuse("bad-host")`."""
    listed = [_listed(text) for text in (*job.kind.hosts, *job.allow)]
    named = [_named(name, os.environ[name]) for name in job.kind.base_urls if os.environ.get(name)]
    return tuple(dict.fromkeys((*listed, *named)))


def _listed(text: str) -> Destination:
    found = destination(text)
    if found is None:
        raise Misuse("bad-host", f"{text!r} is no host and port", hint="sps agent list")
    return found


def _named(name: str, address: str) -> Destination:
    found = of_address(address)
    if found is not None:
        return found
    raise Misuse(
        "bad-host",
        f"{name} is set to something that is no http or https address",
        hint=f"export {name}=https://HOST, or unset {name}",
    )
