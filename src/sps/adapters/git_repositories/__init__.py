"""The owner's repositories, as `project init` looks at them."""

from __future__ import annotations

from sps.adapters.git_repositories.changes import GitChanges
from sps.adapters.git_repositories.repositories import GitRepositories

__all__ = ["GitChanges", "GitRepositories"]
