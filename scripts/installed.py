"""What is at work of an installed program: asked before it goes, and when a newer one comes.

usage: installed.py used|hand-over|may-go ROOT LINK

ROOT holds a folder per version, LINK is the program's name on PATH.
used       prints the folders of versions that a process runs from
hand-over  ends each daemon in good order and begins it again, now from the newer version
may-go     exits 1 with what to type first while the program works, or while something stands that
           only the program can take back; KEEP=1 leaves the latter
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

_ANSWER_S = 60  # longer than `sps down` waits for a daemon


class Process(NamedTuple):
    """A process that runs the program: its words from the program on, and its environment."""

    pid: int
    version: str
    words: list[str]
    env: Mapping[str, str]

    @property
    def home(self) -> Path:
        return _home(self.env)

    @property
    def daemon(self) -> bool:
        """Whether this is the daemon that holds its home's lock."""
        try:
            return (self.home / "daemon.lock").read_text() == f"daemon pid {self.pid}"
        except OSError:
            return False

    def sps(self, link: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the program at `link` as this process was run."""
        return subprocess.run(
            [link, *words], env=dict(self.env), cwd="/", stdin=subprocess.DEVNULL, check=False,
            capture_output=True, text=True, timeout=_ANSWER_S,
        )  # fmt: skip


def at_work(root: str) -> list[Process]:
    """Return the processes that run a version below `root`, but not what they started in a
    sandbox."""
    found = []
    for pid, words, env in _processes():
        version, _, python = words[0].removeprefix(f"{root}/versions/").partition("/bin/")
        ours = words[0].startswith(f"{root}/versions/") and python.startswith("python")
        if ours and (begin := _after_program(words)):
            found.append(Process(pid, f"{root}/versions/{version}", words[begin:], env))
    return found


def _after_program(words: list[str]) -> int:
    """Return where the words for the program begin, 0 when these do not run it."""
    if words[1:3] == ["-m", "sps"]:
        return 3
    return 2 if len(words) > 1 and words[1].endswith("/sps") else 0


def _processes() -> Iterator[tuple[int, list[str], Mapping[str, str]]]:
    """Give number, words and environment of each process of this user; where there is no /proc the
    environment is taken to be like this one."""
    if not Path("/proc/self/cmdline").exists():
        listed = subprocess.run(
            ["ps", "-xo", "pid=,command="], capture_output=True, text=True, check=True,
            timeout=_ANSWER_S,
        ).stdout  # fmt: skip
        for pid, *words in filter(None, map(str.split, listed.splitlines())):
            yield int(pid), words, os.environ
        return
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = os.fsdecode((folder / "cmdline").read_bytes()).split("\0")[:-1]
            pairs = os.fsdecode((folder / "environ").read_bytes()).split("\0")[:-1]
        except OSError:
            continue  # it has ended, or is another user's
        if words:
            yield int(folder.name), words, dict(p.split("=", 1) for p in pairs if "=" in p)


def hand_over(root: str, link: str) -> None:
    """Let each daemon at work go over to the program at `link`; say what cannot."""
    current = os.path.realpath(f"{root}/current")
    for one in at_work(root):
        if os.path.realpath(one.version) == current:
            continue
        if not one.daemon:
            _say(f"pid {one.pid} (sps {shlex.join(one.words)}) keeps the program it began with")
            continue
        _say(f"the daemon (pid {one.pid}) of {one.home} makes way for the new program")
        failed = _again(one, link)
        if failed:
            _say(f"it did not begin again: {failed}; {_with_home(one.home)} up --detach")


def _again(one: Process, link: str) -> str:
    """End a daemon and begin it with the words it had; return why it did not begin."""
    words = one.words if one.words[:1] == ["up"] else ["up", "--detach"]
    if one.sps(link, "up", "--service", "status").returncode == 0:
        words = ["up", "--service", "start", *words[1:]]  # which ends the one before
    else:
        down = one.sps(link, "down")
        if down.returncode != 0:
            return down.stderr.strip()
        if not {"-d", "--detach"}.intersection(words):
            return "it worked at a terminal"
    done = one.sps(link, *words)
    return done.stderr.strip() if done.returncode else ""


def refusals(root: str, link: str) -> list[str]:
    """Return what is in the way of removing the program, and what to type first."""
    says = [
        f"sps works: pid {one.pid}, sps {shlex.join(one.words)}; first: "
        + (f"{_with_home(one.home)} down" if one.daemon else f"kill {one.pid}")
        for one in at_work(root)
    ]
    places = (
        Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "systemd/user"),
        Path.home() / "Library/LaunchAgents",
    )
    files = [file for place in places for file in place.glob("*sps*") if file.is_file()]
    return says + [
        f"{file} is a service that starts sps; first: sps up --service remove"
        for file in files
        if any(place in file.read_text(errors="replace") for place in (link, f"{root}/"))
    ]


def unfinished(link: str) -> list[str]:
    """Return what stands in the home that only the program can take back."""
    home = _home(os.environ)
    done = subprocess.run(
        [link, "setup", "--uninstall", "--dry-run", "--json"], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=_ANSWER_S,
    )  # fmt: skip
    if done.returncode != 0:
        return []  # no home, or one that this program cannot read: nothing it could take back
    found = json.loads(done.stdout)
    says = [
        f"sps setup wrote {path}; it goes with: sps setup --uninstall"
        for path in found["removed"]
        if path != str(home)
    ]
    return says + [
        f"a login of {agent} is kept in {home / 'agents'}; it goes with: sps agent logout {agent}"
        for agent in found["logins"]
    ]


def _home(env: Mapping[str, str]) -> Path:
    return Path(env.get("SPS_HOME") or Path(env.get("HOME", "/"), ".sps"))


def _with_home(home: Path) -> str:
    """Return how the program is called for a home."""
    return "sps" if home == _home(os.environ) else f"SPS_HOME={shlex.quote(str(home))} sps"


def _say(text: str) -> None:
    sys.stderr.write(f"install: {text}\n")


def main(verb: str, root: str, link: str) -> int:
    if verb == "used":
        sys.stdout.writelines(f"{one.version}\n" for one in at_work(root))
        return 0
    if verb == "hand-over":
        hand_over(root, link)
        return 0
    working = refusals(root, link)
    kept = [] if working else unfinished(link)
    for one in working + kept:
        _say(one)
    if not working and (not kept or os.environ.get("KEEP")):
        return 0
    _say("nothing was removed" + ("; to leave these: make uninstall KEEP=1" if kept else ""))
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
