"""Keys of a pipeline that this version reads but does not carry out yet."""

from __future__ import annotations

from sps.model.pipeline import LandMode, Pipeline

_ENVIRONMENT = ("setup", "key", "keep", "tools")


def unsupported(pipeline: Pipeline) -> list[str]:
    """Return one sentence for each such key, empty when the pipeline can be carried out whole.

    Silence would be worse than refusing: an owner who asks for a signature must not get none.
    """
    found = [
        f"environment.{key} is not carried out by this version"
        for key in _ENVIRONMENT
        if getattr(pipeline.environment, key)
    ]
    if pipeline.land.sign is not None:
        found.append("land.sign is not carried out by this version: landings would be unsigned")
    if pipeline.land.mode is LandMode.PULL_REQUEST:
        found.append("land.mode: pull-request is not carried out by this version")
    return found
