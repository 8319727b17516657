"""Merging texts with `git merge-file`, in a folder of their own and outside of any repository."""

from __future__ import annotations

from sps.adapters.skill_merge_git.merge import GitMerge

__all__ = ["GitMerge"]
