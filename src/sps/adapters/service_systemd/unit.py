"""The text of the unit."""

from __future__ import annotations

from sps.ports.service import ServiceSpec

MARK = "# Written by sps up --service; sps up --service remove takes it away."

_TEXT = """\
{mark}
[Unit]
Description=SPS for {home}
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=exec
ExecStart={argv}
{env}
# SSH_AUTH_SOCK comes from your session: systemctl --user import-environment SSH_AUTH_SOCK
WorkingDirectory=~
Restart=on-failure
RestartSec=5
# Wrong usage, something missing, a home in use, newer data: trying again would not help.
RestartPreventExitStatus=2 3 4 5
SuccessExitStatus=130
# The daemon stops what it runs by itself; whatever is left after that time is ended.
KillMode=mixed
TimeoutStopSec=50
UMask=0077

[Install]
WantedBy=default.target
"""


def unit(spec: ServiceSpec) -> str:
    """Return the unit of a service; every word reaches the program as it is."""
    pairs = (_quoted(f"{key}={value}") for key, value in sorted(spec.env.items()))
    return _TEXT.format(
        mark=MARK,
        home=_plain(spec.home),
        argv=" ".join(_quoted(word).replace("$", "$$") for word in spec.argv),
        env="\n".join(f"Environment={pair}" for pair in pairs),
    )


def _quoted(word: str) -> str:
    """Quote a word for systemd, which would otherwise see specifiers, escapes and ends of words."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text).replace("%", "%%")
