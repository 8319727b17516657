"""Packages made on the spot, so that a setup has something real to install without any network."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path


def wheel(folder: Path, name: str, source: str) -> Path:
    """Make a wheel with one module of that name."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}/__init__.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name}-says = {name}:main\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inner, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(inner, text)
    return path


def npm_tarball(folder: Path, name: str, source: str) -> Path:
    """Make an npm package with one module."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {"name": name, "version": "1.0.0", "main": "index.js"}
    path = folder / f"{name}-1.0.0.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for inner, text in {"package.json": json.dumps(about), "index.js": source}.items():
            data = text.encode()
            entry = tarfile.TarInfo(f"package/{inner}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path
