"""What every box sees of the host: programs, libraries, and the few settings they need."""

from __future__ import annotations

import functools
import os
from pathlib import Path

UID = 1000  #: who the box believes to be, whoever started it, so that nothing thinks it is root

INSIDE = "/run/sps"  #: where a box finds what this package puts into it

_GIVEN = Path(__file__).parent / "inside"
_GIVEN_SETTINGS = ("group", "hosts", "nsswitch.conf", "passwd")
_ROOTS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")

# No folder of which a part is secret: /etc/ssl and /etc/pki hold private keys next to certificates,
# and a box started by root could read them. Each mount costs a tenth of a millisecond and more.
_SETTINGS = (
    "alternatives",
    "ca-certificates/extracted",
    "crypto-policies",
    "fonts",
    "java*",
    "ld.so.cache",
    "localtime",
    "maven",
    "mime.types",
    "os-release",
    "perl",
    "php",
    "pki/ca-trust",
    "pki/tls/cert.pem",
    "pki/tls/certs",
    "pki/tls/openssl.cnf",
    "protocols",
    "services",
    "ssl/cert.pem",
    "ssl/certs",
    "ssl/openssl.cnf",
)


@functools.cache
def system_options() -> tuple[str, ...]:
    """Return the bubblewrap options for the parts of the host that every box sees, read-only."""
    options = ["--ro-bind", "/usr", "/usr"]
    for name in _ROOTS:
        options += _root_option(f"/{name}")
    if os.path.isdir("/nix/store"):
        options += ["--ro-bind", "/nix/store", "/nix/store"]
    options += ["--dir", "/etc"]
    for pattern in _SETTINGS:
        for setting in sorted(Path("/etc").glob(pattern)):
            options += _setting_option(str(setting))
    options += ["--ro-bind", str(_GIVEN), INSIDE]
    for name in _GIVEN_SETTINGS:
        options += ["--symlink", f"{INSIDE}/{name}", f"/etc/{name}"]
    # The kernel's settings obey whoever is root outside, even without any capability.
    options += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]
    options += ["--dir", "/var", "--symlink", "../tmp", "/var/tmp"]  # noqa: S108 - the box's own
    return tuple(options)


def _root_option(path: str) -> list[str]:
    if os.path.islink(path):
        return ["--symlink", os.readlink(path), path]
    return ["--ro-bind", path, path] if os.path.isdir(path) else []


def _setting_option(path: str) -> list[str]:
    real = os.path.realpath(path)
    if real.startswith("/usr/"):
        return ["--symlink", real, path]
    return ["--ro-bind-try", real, path] if os.path.exists(real) else []
