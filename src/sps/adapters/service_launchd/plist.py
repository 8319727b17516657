"""The property list of the agent."""

from __future__ import annotations

import plistlib

from sps.ports.service import ServiceSpec

_STOP_S = 50  #: longer than a daemon takes to stop what it runs
_PAUSE_S = 10
OURS = "SPSHome"


def label(name: str) -> str:
    """Return what launchd calls the service."""
    return f"local.{name}"


def plist(spec: ServiceSpec) -> bytes:
    """Return the property list: started with the session, again after a failure, never after an
    orderly end. launchd passes over keys that it does not know; ours names the home."""
    return plistlib.dumps(
        {
            "Label": label(spec.name),
            "ProgramArguments": list(spec.argv),
            "EnvironmentVariables": dict(spec.env),
            "RunAtLoad": True,
            "KeepAlive": {"SuccessfulExit": False},
            "ThrottleInterval": _PAUSE_S,
            "ExitTimeOut": _STOP_S,
            "ProcessType": "Background",
            "Umask": 0o077,
            "StandardOutPath": f"{spec.home}/logs/service.log",
            "StandardErrorPath": f"{spec.home}/logs/service.log",
            OURS: spec.home,
        }
    )
