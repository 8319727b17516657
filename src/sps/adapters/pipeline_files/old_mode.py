"""Which tool a pipeline file was written for, told by its first keys."""

from __future__ import annotations

from enum import StrEnum

from sps.adapters.pipeline_files.section import Mistakes
from sps.lib.nearest import suggestion
from sps.lib.yaml_nodes import Mapping, Scalar, found


class Mode(StrEnum):
    """`OURS` has a version; the others are the modes of sps-cli."""

    OURS = "ours"
    PROJECT = "project"
    STEPS = "steps"
    UNKNOWN = "unknown"


def mode_of(root: Mapping) -> Mode:
    """Return how to read a file. Without `version` and `mode`, `steps` decides, as it did there."""
    keys = {key.text: node for key, node in root}
    if "version" in keys:
        return Mode.OURS
    if "mode" not in keys:
        return Mode.STEPS if "steps" in keys else Mode.OURS
    node = keys["mode"]
    text = node.text if isinstance(node, Scalar) else ""
    return Mode(text) if text in (Mode.PROJECT, Mode.STEPS) else Mode.UNKNOWN


def unknown_mode(root: Mapping, mistakes: Mistakes) -> None:
    """Say which modes there are."""
    node = next(node for key, node in root if key.text == "mode")
    near = suggestion(node.text, ("project", "steps")) if isinstance(node, Scalar) else ""
    says = f"mode: expected project or steps, as in sps-cli, found {found(node)}{near}"
    mistakes.add(node, "unknown-mode", f"{says}. A file of this tool has version: 1 instead")
