"""Whether a project's children run in the sandbox."""

from __future__ import annotations

from sps.model.pipeline import Pipeline, SandboxMode
from sps.model.project import Project


def effective_sandbox(project: Project, pipeline: Pipeline) -> SandboxMode:
    """Return `none` only where the owner said so, for the project or in its own pipeline file."""
    if SandboxMode.NONE in (project.sandbox, pipeline.sandbox):
        return SandboxMode.NONE
    return SandboxMode.AUTO
