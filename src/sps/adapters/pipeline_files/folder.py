"""The pipeline file of each project in the home."""

from __future__ import annotations

from pathlib import Path

from sps.lib import atomic, plain_file
from sps.model.errors import Absent, Misuse, WorkFailed
from sps.model.pipeline import Pipeline
from sps.ports.files import Installs, OldSettings
from sps.ports.home import Home

_SIZE_LIMIT = 256 * 1024


class PipelineFolder:
    """Pipeline files below a home. The YAML library is loaded at the first parse."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._parsed: dict[str, tuple[str, Pipeline]] = {}  # project -> what its file said last

    def parse(self, text: str, name: str) -> Pipeline:
        from sps.adapters.pipeline_files import reading

        return reading.pipeline(text, name)

    def load(self, project: str) -> Pipeline:
        """Return the pipeline in force. Raises `PipelineBroken`, `Absent("pipeline-missing")`,
        `Misuse("unreadable-file")`."""
        path = self._home.pipeline(project)
        try:
            text = _read(path, follow=False)
        except FileNotFoundError as err:
            says = f"project {project} has no pipeline file: {path} is gone"
            hint = f"sps pipeline use {project} FILE"
            raise Absent("pipeline-missing", says, hint=hint, where=str(path)) from err
        before = self._parsed.get(project)
        if before is not None and before[0] == text:
            return before[1]
        parsed = self.parse(text, str(path))
        self._parsed[project] = (text, parsed)
        return parsed

    def install(self, project: str, text: str) -> None:
        """Put a text in force. Raises `PipelineBroken`, and then nothing has changed."""
        path = self._home.pipeline(project)
        self.parse(text, path.name)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic.write(path, text.encode())
        except OSError as err:
            says = f"{path} cannot be written: {err.strerror}"
            raise WorkFailed("pipeline-unwritable", says, hint="sps doctor") from err

    def read(self, path: Path) -> str:
        try:
            return _read(path, follow=True)
        except FileNotFoundError as err:
            raise _unreadable(path, "there is no such file") from err

    def old_settings(self, path: Path) -> OldSettings:
        from sps.adapters.pipeline_files import old_conf

        return old_conf.settings(self.read(path))

    def draft(
        self,
        gates: list[tuple[str, str, str]],
        *,
        active: bool,
        installs: Installs = Installs(),  # noqa: B008  # frozen
    ) -> str:
        from sps.adapters.pipeline_files.draft import draft

        return draft(gates, active=active, installs=installs)


def _read(path: Path, *, follow: bool) -> str:
    try:
        content, _ = plain_file.read(path, _SIZE_LIMIT, follow=follow)
        return content.decode()
    except FileNotFoundError:
        raise
    except plain_file.NotPlain as err:
        raise _unreadable(path, f"it is {err}") from err
    except plain_file.TooLarge as err:
        raise _unreadable(path, f"it has {err}") from err
    except OSError as err:
        raise _unreadable(path, err.strerror or str(err)) from err
    except UnicodeDecodeError as err:
        raise _unreadable(path, f"byte {err.start} is no UTF-8") from err


def _unreadable(path: Path, why: str) -> Misuse:
    return Misuse("unreadable-file", f"{path} cannot be read: {why}", where=str(path))
