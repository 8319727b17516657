"""The kill points, read from the code: a new one is in the matrix by being written."""

from __future__ import annotations

import ast
from pathlib import Path

import sps

SOURCE = Path(sps.__file__).parent


def kill_points(source: Path = SOURCE) -> list[str]:
    """Return the literal names given to `reach` anywhere in the package, sorted.

    Raises `ValueError` for a call whose name is not a literal: it could not be enumerated.
    """
    found: set[str] = set()
    for path in sorted(source.rglob("*.py")):
        if path.is_relative_to(source / "library"):
            continue  # cases of checks: data
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _is_reach(node.func) and path.name != "killpoint.py":
                if not (len(node.args) == 1 and isinstance(node.args[0], ast.Constant)):
                    raise ValueError(f"{path}:{node.lineno}: a kill point needs a literal name")
                found.add(str(node.args[0].value))
    return sorted(found)


def _is_reach(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "reach"
    return isinstance(function, ast.Attribute) and function.attr == "reach"
