"""Which folders the agents read skills from: a table, with the source and date of each row."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

CANONICAL = ".agents/skills"  #: where a repository's skills lie, for every agent that reads it


class AgentFolders(msgspec.Struct, frozen=True, kw_only=True):
    """The skill folders of one agent, the one to write to first.

    `marks` are the names, below a repository and below a user's home, whose being there tells that
    the agent is used. A user folder may begin with `$NAME`, which counts only where that variable
    is set; else the next one is taken.
    """

    name: str
    title: str
    project: tuple[str, ...]
    user: tuple[str, ...]
    marks: tuple[str, ...] = ()
    home_marks: tuple[str, ...] = ()
    source: str
    date: str

    @property
    def reads_canonical(self) -> bool:
        """Whether it finds what lies in `.agents/skills` of a repository."""
        return CANONICAL in self.project

    @property
    def adapter(self) -> str | None:
        """The folder that needs a place of its own; None where the canonical one is read."""
        return None if self.reads_canonical else self.project[0]


_TABLE = "table of the skills CLI 1.7.4"
_SEEN = "2026-11"


def _row(
    name: str, title: str, project: str, user: str, *, source: str = _TABLE, marks: str = ""
) -> AgentFolders:
    """Read a row: folders are separated by spaces; marks default to the first folders' parents."""
    projects, users = tuple(project.split()), tuple(user.split())
    own = [one for one in projects if not one.startswith((".agents/", ".claude/", "skills"))]
    parents = tuple(one.partition("/")[0] for one in own[:1]) if not marks else tuple(marks.split())
    homes = tuple(
        one.rpartition("/")[0].removeprefix("~/")
        for one in users
        if one.startswith("~/") and not one.startswith(("~/.agents/", "~/.claude/"))
    )
    return AgentFolders(
        name=name, title=title, project=projects, user=users, marks=parents,
        home_marks=(".claude",) if name == "claude" else homes[:1], source=source, date=_SEEN,
    )  # fmt: skip


_A = CANONICAL
_U = "~/.agents/skills"

AGENTS: tuple[AgentFolders, ...] = (
    _row("claude", "Claude Code", ".claude/skills", "$CLAUDE_CONFIG_DIR/skills ~/.claude/skills",
         source="sageox/agentx v0.1.15; code-dot-org#71339", marks=".claude CLAUDE.md"),
    _row("codex", "Codex", _A, f"{_U} ~/.codex/skills", marks=".codex",
         source="learn.chatgpt.com/docs/build-skills"),
    _row("gemini", "Gemini CLI", f"{_A} .gemini/skills", f"{_U} ~/.gemini/skills",
         marks=".gemini GEMINI.md", source="geminicli.com/docs"),
    _row("antigravity", "Antigravity", _A, "~/.gemini/antigravity/skills"),
    _row("opencode", "OpenCode", f"{_A} .opencode/skills .claude/skills",
         f"{_U} ~/.config/opencode/skills ~/.claude/skills", source="opencode.ai/docs/skills",
         marks=".opencode opencode.json"),
    _row("copilot", "GitHub Copilot", f"{_A} .github/skills .claude/skills",
         f"{_U} ~/.copilot/skills", source="docs.github.com",
         marks=".github/copilot-instructions.md .github/skills"),
    _row("cursor", "Cursor", f"{_A} .cursor/skills .claude/skills .codex/skills",
         f"{_U} ~/.cursor/skills", source="cursor.com/docs"),
    _row("goose", "Goose", f"{_A} .goose/skills .claude/skills",
         "~/.config/agents/skills ~/.config/goose/skills ~/.claude/skills",
         source="goose documentation"),
    _row("amp", "Amp", f"{_A} .claude/skills",
         "~/.config/agents/skills ~/.config/amp/skills ~/.claude/skills", source="syllago"),
    _row("cline", "Cline", _A, _U),
    _row("dexto", "Dexto", _A, _U),
    _row("kimi", "Kimi Code", _A, _U),
    _row("loaf", "Loaf", _A, _U),
    _row("pi", "Pi", _A, _U),
    _row("warp", "Warp", _A, _U),
    _row("zed", "Zed", _A, _U),
    _row("fx", "fx", _A, _U),
    _row("sarvam", "Sarvam", _A, _U),
    _row("droid", "Droid", _A, "~/.factory/skills"),
    _row("firebender", "Firebender", _A, "~/.firebender/skills"),
    _row("kilo", "Kilo Code", _A, "~/.kilo/skills"),
    _row("deepagents", "Deep Agents", _A, "~/.deepagents/agent/skills"),
    _row("replit", "Replit", _A, "~/.config/agents/skills"),
    _row("kiro", "Kiro", ".kiro/skills", "~/.kiro/skills", source="sageox/agentx v0.1.15"),
    _row("windsurf", "Windsurf", ".windsurf/skills", "~/.codeium/windsurf/skills"),
    _row("roo", "Roo Code", ".roo/skills", "~/.roo/skills"),
    _row("qwen", "Qwen Code", ".qwen/skills", "~/.qwen/skills"),
    _row("junie", "Junie", ".junie/skills", "~/.junie/skills"),
    _row("openhands", "OpenHands", ".openhands/skills", "~/.openhands/skills"),
    _row("crush", "Crush", ".crush/skills", "~/.config/crush/skills"),
    _row("continue", "Continue", ".continue/skills", "~/.continue/skills"),
    _row("augment", "Augment", ".augment/skills", "~/.augment/skills"),
    _row("vibe", "Mistral Vibe", ".vibe/skills", "$VIBE_HOME/skills ~/.vibe/skills"),
    _row("grok", "Grok", ".grok/skills", "$GROK_HOME/skills ~/.grok/skills"),
    _row("hermes", "Hermes", ".hermes/skills", "$HERMES_HOME/skills ~/.hermes/skills"),
    _row("openclaw", "OpenClaw", "skills",
         "~/.openclaw/skills ~/.clawdbot/skills ~/.moltbot/skills"),
)  # fmt: skip


def agent_named(name: str) -> AgentFolders | None:
    """Return the row of an agent."""
    return next((one for one in AGENTS if one.name == name), None)


def names() -> list[str]:
    """Return the names of all agents."""
    return [one.name for one in AGENTS]


def project_folders() -> tuple[str, ...]:
    """Return every folder of a repository that some agent reads, the canonical one first."""
    found = dict.fromkeys((CANONICAL, *(folder for one in AGENTS for folder in one.project)))
    return tuple(found)


def user_folders(agent: AgentFolders, home: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return an agent's user folders as absolute paths, the one to write to first."""
    found: list[str] = []
    for folder in agent.user:
        if folder.startswith("$"):
            name, _, below = folder[1:].partition("/")
            if value := environment.get(name):
                found.append(f"{value.rstrip('/')}/{below}")
        else:
            found.append(f"{home.rstrip('/')}/{folder.removeprefix('~/')}")
    return tuple(found)
