"""The machine's own service manager: it starts the daemon of a home with its user's session."""

from __future__ import annotations

from typing import Protocol

import msgspec


class ServiceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What to start. `name` is one word; `argv` and `env` are passed exactly."""

    name: str
    home: str
    argv: tuple[str, ...]
    env: dict[str, str]


class ServiceState(msgspec.Struct, frozen=True, kw_only=True):
    """How a service stands. `says` is the manager's own word for it."""

    manager: str
    file: str
    installed: bool
    running: bool
    says: str


class ServiceManager(Protocol):
    """Errors: `Absent("no-service-manager")` where there is none, with what to do instead;
    `Misuse("file-exists")` when a file at our place is somebody else's; `WorkFailed
    ("service-failed")` with the manager's own words."""

    def install(self, spec: ServiceSpec) -> ServiceState:
        """Write the service and start it, now and with each session. Again, it is replaced."""
        ...

    def state(self, name: str) -> ServiceState: ...
    def stop(self, name: str) -> ServiceState:
        """Stop it until the next session, or the next `install`."""
        ...

    def remove(self, name: str) -> ServiceState:
        """Stop it and take its file away."""
        ...
