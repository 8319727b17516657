"""What a skill may be called. ASCII only, so that no look-alike letter and no path gets in."""

from __future__ import annotations

import re
import unicodedata

NAME_LIMIT = 64
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_UNSAFE = re.compile(r"[/\\:\x00-\x1f\x7f-\x9f]|^\.|^~|\.\.")


def is_name(text: str) -> bool:
    """Whether a skill may be called so: 1 to 64 of a-z and 0-9, in groups joined by one `-`."""
    return len(text) <= NAME_LIMIT and _NAME.fullmatch(text) is not None


def name_faults(text: str) -> list[tuple[str, str]]:
    """Return the rule id and a sentence for each way in which a text is no name."""
    faults: list[tuple[str, str]] = []
    if not text:
        return [("name-missing", "the name is empty")]
    if is_unsafe(text):
        faults.append(("name-unsafe", "the name holds parts of a path or hidden characters"))
    if len(text) > NAME_LIMIT:
        says = f"the name is {len(text)} characters long, at most {NAME_LIMIT} are allowed"
        faults.append(("name-long", says))
    if text != text.lower():
        faults.append(("name-upper", "the name has upper case letters"))
    if text.startswith("-") or text.endswith("-") or "--" in text:
        says = "the name begins or ends with a hyphen, or has two in a row"
        faults.append(("name-hyphen", says))
    if not is_unsafe(text) and not re.fullmatch(r"[a-zA-Z0-9-]+", text):
        says = "the name has other characters than a-z, 0-9 and -"
        faults.append(("name-characters", says))
    return faults


def is_unsafe(text: str) -> bool:
    """Whether a name could lead out of a folder or show as something that it is not."""
    hidden = any(unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Cn"} for sign in text)
    return hidden or _UNSAFE.search(text) is not None


def safe_name(written: str, folder: str | None) -> str | None:
    """Return the name to file a skill under: as written, else its folder's, else what of the
    written name can be kept; None when nothing can."""
    for text in (written, folder or ""):
        if is_name(text):
            return text
    if is_unsafe(written):
        return None
    made = re.sub(r"[^a-z0-9]+", "-", written.lower()).strip("-")[:NAME_LIMIT].rstrip("-")
    return made if is_name(made) else None
