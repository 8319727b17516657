"""Finding skills by name in some folders, the first folder first."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sps.adapters.skills_dir import tree_digest
from sps.lib import plain_file
from sps.model.errors import Misuse
from sps.ports.skills import Skill

FILE = "SKILL.md"
FILE_LIMIT = 256 * 1024
_OURS = ("checks/", "evals/")  # what SPS reads; no reading for the agent
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_DESCRIPTION = re.compile(r"^description:[ \t]*(.+?)[ \t]*$", re.MULTILINE)


class SkillsDir:
    """Skills of some folders. A folder, a skill or a file that is a link is not looked at."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders

    def find(self, name: str) -> Skill | None:
        """Return a skill as it is now. Raises `Misuse("broken-skill")` when it cannot be read and
        `Misuse("skill-too-large")`."""
        if not _NAME.fullmatch(name):
            return None
        for folder in self._folders:
            path = folder / name
            if _is_skill(path):
                return _skill(name, path)
        return None

    def names(self) -> list[str]:
        """Return the names that `find` knows, sorted."""
        found: set[str] = set()
        for folder in self._folders:
            try:
                entries = os.listdir(folder)
            except (FileNotFoundError, NotADirectoryError):
                continue
            found.update(
                name for name in entries if _NAME.fullmatch(name) and _is_skill(folder / name)
            )
        return sorted(found)


def _is_skill(path: Path) -> bool:
    return not path.is_symlink() and os.path.lexists(path / FILE)


def _skill(name: str, path: Path) -> Skill:
    try:
        content, _ = plain_file.read(path / FILE, FILE_LIMIT)
        description, body = _parts(content.decode())
        digest, files = tree_digest.of(path)
    except (plain_file.NotPlain, plain_file.TooLarge) as err:
        raise _broken(
            path, f"it is {err}" if isinstance(err, plain_file.NotPlain) else str(err)
        ) from err
    except UnicodeDecodeError as err:
        raise _broken(path, f"byte {err.start} is no UTF-8") from err
    except OSError as err:
        raise _broken(path, err.strerror or str(err)) from err
    return Skill(
        name=name,
        digest=digest,
        description=description,
        body=body,
        path=str(path),
        files=tuple(file for file in files if file != FILE and not file.startswith(_OURS)),
    )


def _parts(text: str) -> tuple[str, str]:
    """Return description and body. Front matter that is no YAML is common and forgiven."""
    from sps.lib import front_matter, yaml_nodes

    try:
        parts = front_matter.split(text)
    except front_matter.NoFrontMatter:
        return "", text
    try:
        root = yaml_nodes.parse(parts.yaml)
    except yaml_nodes.BrokenYaml:
        line = _DESCRIPTION.search(parts.yaml)
        return (line.group(1).strip("'\"") if line else ""), parts.body
    pairs = root.pairs if isinstance(root, yaml_nodes.Mapping) else ()
    for key, node in pairs:
        if key.text == "description" and isinstance(node, yaml_nodes.Scalar) and not node.is_null:
            return node.text.strip(), parts.body
    return "", parts.body


def _broken(path: Path, why: str) -> Misuse:
    says = f"the skill {path.name} cannot be read: {why}"
    return Misuse("broken-skill", says, hint=f"mend {path / FILE}", where=str(path / FILE))
