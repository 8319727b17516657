"""What the table of agents' folders promises."""

from __future__ import annotations

import pytest

from sps.model.skills.folders import (
    AGENTS,
    CANONICAL,
    agent_named,
    names,
    project_folders,
    user_folders,
)


def test_every_row_has_its_folders_its_source_and_its_date() -> None:
    for agent in AGENTS:
        assert agent.project, agent
        assert agent.user, agent
        assert agent.source, agent
        assert agent.date, agent
        assert all(not one.startswith(("/", "~", "..")) for one in agent.project)
        assert all(one.startswith(("~/", "$")) for one in agent.user)
    assert len(names()) == len(set(names())) >= 30


@pytest.mark.parametrize("name", ["codex", "gemini", "opencode", "copilot", "cursor"])
def test_these_agents_read_the_canonical_folder(name: str) -> None:
    agent = agent_named(name)
    assert agent is not None
    assert agent.reads_canonical
    assert agent.adapter is None


@pytest.mark.parametrize("name,folder", [("claude", ".claude/skills"), ("kiro", ".kiro/skills")])
def test_the_holdouts_have_a_folder_of_their_own(name: str, folder: str) -> None:
    agent = agent_named(name)
    assert agent is not None
    assert agent.adapter == folder


def test_user_folders_follow_the_home_and_the_environment() -> None:
    claude = agent_named("claude")
    assert claude is not None
    assert user_folders(claude, "/users/x", {}) == ("/users/x/.claude/skills",)
    moved = user_folders(claude, "/users/x/", {"CLAUDE_CONFIG_DIR": "/cfg/"})
    assert moved == ("/cfg/skills", "/users/x/.claude/skills")
    codex = agent_named("codex")
    assert codex is not None
    assert user_folders(codex, "/h", {})[0] == "/h/.agents/skills"


def test_the_canonical_folder_comes_first() -> None:
    assert project_folders()[0] == CANONICAL
    assert len(project_folders()) == len(set(project_folders()))
