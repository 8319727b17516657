"""Pipeline files: the stages, gates and limits that owners write by hand."""

from __future__ import annotations

from sps.adapters.pipeline_files.folder import PipelineFolder

__all__ = ["PipelineFolder"]
