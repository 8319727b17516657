"""Every path of a home, in one place."""

from __future__ import annotations

from pathlib import Path

import msgspec

from sps.model.errors import Misuse


class Home(msgspec.Struct, frozen=True):
    """The state directory of one SPS: `$SPS_HOME`, else `~/.sps`. Mode 0700."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "sps.db"

    @property
    def engine_database(self) -> Path:
        return self.root / "engine.db"

    @property
    def lock(self) -> Path:
        """Held by flock while a daemon or a tick works on this home."""
        return self.root / "daemon.lock"

    @property
    def whereabouts(self) -> Path:
        """Where the home lay when it was worked on last: its own path, unless it was moved."""
        return self.root / "place"

    @property
    def info(self) -> Path:
        """JSON about the living daemon: pid, host, port, started_at, version."""
        return self.root / "daemon.json"

    @property
    def socket(self) -> Path:
        """The wake-up socket of the living daemon."""
        return self.root / "daemon.sock"

    @property
    def token(self) -> Path:
        """The token for `/metrics`, mode 0600."""
        return self.root / "metrics.token"

    @property
    def access(self) -> Path:
        """Who may use the console, mode 0600; holds no secret itself."""
        return self.root / "access.json"

    @property
    def way_in(self) -> Path:
        """The page that a browser is started with, mode 0600."""
        return self.root / "console.html"

    @property
    def remote(self) -> Path:
        """What the owner gave for access from other machines, mode 0600; the password as a hash."""
        return self.root / "remote.json"

    @property
    def audit(self) -> Path:
        """Files of the chain of what concerns security; see `sps.lib.chain`."""
        return self.root / "audit"

    @property
    def settings(self) -> Path:
        """The owner's settings (JSON); made when the first is changed."""
        return self.root / "settings.json"

    @property
    def desk(self) -> Path:
        """Named views and decisions put off (JSON); made on first use."""
        return self.root / "desk.json"

    @property
    def log(self) -> Path:
        return self.root / "logs" / "daemon.log"

    @property
    def agents(self) -> Path:
        """The owner's additions to the agent registry (YAML)."""
        return self.root / "agents.yaml"

    @property
    def logins(self) -> Path:
        """The logins of agents, a folder per kind. Mode 0700."""
        return self.root / "agents"

    @property
    def setup(self) -> Path:
        """What setup wrote, and the agent of new projects (JSON)."""
        return self.root / "setup.json"

    @property
    def skills(self) -> Path:
        """The owner's own skills, a folder each."""
        return self.root / "skills"

    @property
    def skill_store(self) -> Path:
        """Skills that were installed, by their hash; made on first use."""
        return self.root / "skill-store"

    @property
    def skill_trash(self) -> Path:
        """Beside the store, where the store puts what it takes away."""
        return self.root / "trash"

    @property
    def skill_cache(self) -> Path:
        """What was fetched from Git addresses and archives."""
        return self.root / "skill-cache"

    @property
    def skill_users(self) -> Path:
        """The repositories that have a `skills.lock` made on this machine (JSON)."""
        return self.root / "skill-users.json"

    @property
    def evaluations(self) -> Path:
        """Where skills are tried out; each trial has a folder of its own while it lasts."""
        return self.root / "evaluations"

    def project(self, name: str) -> Path:
        """The folder of a project. Raises `Misuse("unknown-project")` for what is no name of one:
        whoever asked, no path leads out of here."""
        if "/" in name or "\0" in name or name in ("", ".", ".."):
            raise Misuse("unknown-project", f"there is no project {name[:80]!r}")
        return self.root / "projects" / name

    def cards(self, name: str) -> Path:
        return self.project(name) / "cards"

    def pipeline(self, name: str) -> Path:
        return self.project(name) / "pipeline.yaml"

    def vault(self, name: str) -> Path:
        return self.project(name) / "vault.git"

    def pool(self, name: str) -> Path:
        """Where workspaces and gate checkouts of a project live."""
        return self.project(name) / "work"

    def run(self, name: str, run_id: str) -> Path:
        """Artefacts of one run: prompt, transcript, stderr, verdict. Mode 0700."""
        return self.project(name) / "runs" / run_id

    def agent_homes(self, name: str) -> Path:
        """Private HOMEs of agents: a folder per card, in it one per stage."""
        return self.project(name) / "homes"

    def environments(self, name: str) -> Path:
        """What the setup of a project made, kept; made on first use."""
        return self.project(name) / "environments"

    def gate_logs(self, name: str, card_id: str) -> Path:
        return self.project(name) / "gates" / card_id
