"""How much room environments may take, as the owner sets it."""

from __future__ import annotations

from collections.abc import Mapping

from sps.adapters.environment_folders.folders import LIMIT
from sps.lib.byte_size import parse
from sps.model.errors import Misuse

VARIABLE = "SPS_ENVIRONMENTS_LIMIT"


def size_limit(environment: Mapping[str, str]) -> int:
    """Return the bytes that all environments of a home may have. Raises `Misuse("bad-size")`."""
    text = environment.get(VARIABLE, "")
    if not text:
        return LIMIT
    try:
        return parse(text)
    except ValueError as err:
        raise Misuse("bad-size", f"{VARIABLE}: {err}", hint=f"export {VARIABLE}=10GiB") from err
