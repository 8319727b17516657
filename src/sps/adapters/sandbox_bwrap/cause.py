"""Why a sandbox does not start on this machine, and the command that helps."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from sps.lib.terminal import clean
from sps.ports.sandbox import Probe

_INSTALLERS = {
    "apt-get": "sudo apt-get install bubblewrap",
    "dnf": "sudo dnf install bubblewrap",
    "pacman": "sudo pacman -S bubblewrap",
    "zypper": "sudo zypper install bubblewrap",
    "apk": "sudo apk add bubblewrap",
}

# Setting below /proc/sys, the value that forbids, the value that helps.
_SETTINGS = (
    ("kernel/unprivileged_userns_clone", "0", "1"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
    ("user/max_user_namespaces", "0", "15000"),
)
_CONTAINER_SIGNS = (".dockerenv", "run/.containerenv")
_SAID = 300  # characters of an error that are shown


def not_installed() -> Probe:
    """Say how to get bubblewrap here."""
    if sys.platform == "darwin":
        cause = "bubblewrap works on Linux only; use a Linux machine or virtual machine"
        return Probe(ok=False, cause=f"{cause}, or say `sandbox: none` for this project")
    for program, command in _INSTALLERS.items():
        if shutil.which(program):
            return Probe(ok=False, cause="bubblewrap is not installed", command=command)
    cause = "bubblewrap is not installed; get it from this system's packages"
    return Probe(ok=False, cause=cause)


def refused(stderr: str, *, root: Path = Path("/")) -> Probe:
    """Say why bubblewrap, which is installed, could not make a sandbox."""
    said = next((line for line in clean(stderr).splitlines() if line.strip()), "no message")[:_SAID]
    for name, forbids, helps in _SETTINGS:
        if _read(root / "proc/sys" / name) == forbids:
            setting = name.replace("/", ".")
            return Probe(
                ok=False,
                cause=f"this system forbids user namespaces ({setting} = {forbids}): {said}",
                command=f"sudo sysctl -w {setting}={helps}",
            )
    if any((root / sign).exists() for sign in _CONTAINER_SIGNS):
        return Probe(
            ok=False,
            cause=f"this container may not make namespaces: {said}",
            command="docker run --security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined --security-opt systempaths=unconfined ...",
        )
    return Probe(ok=False, cause=f"bubblewrap could not make a sandbox: {said}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
