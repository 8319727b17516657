"""Keys of a pipeline that this version reads but does not carry out yet."""

from __future__ import annotations

from sps.model.pipeline import Pipeline

_ENVIRONMENT = ("setup", "key", "keep", "tools")


def unsupported(pipeline: Pipeline) -> list[str]:
    """Return one sentence for each such key, empty when the pipeline can be carried out whole."""
    return [
        f"environment.{key} is not carried out by this version"
        for key in _ENVIRONMENT
        if getattr(pipeline.environment, key)
    ]
