"""Every way a command can fail, told in one form: code, message, where, next command."""

from __future__ import annotations

import click

from sps.cli import screen
from sps.lib.nearest import nearest
from sps.model.errors import Absent, Misuse, SpsError, WorkFailed


def from_click(err: click.ClickException) -> SpsError:
    """Translate what the parser found wrong."""
    ctx = getattr(err, "ctx", None)
    path = ctx.command_path if ctx is not None else "sps"
    if isinstance(err, click.NoSuchOption):
        names = _flags(ctx)
        says = f'there is no flag "{err.option_name}"{_nearest_flag(err.option_name, names)}'
        return Misuse("unknown-flag", says, hint=f"{path} --help")
    if isinstance(err, click.MissingParameter) and err.param is not None:
        flag = isinstance(err.param, click.Option)
        what = err.param.opts[0] if flag else err.param.human_readable_name.upper()
        return Misuse("missing-argument", f"{what} is missing", hint=f"{path} --help")
    if not isinstance(err, click.UsageError):
        return WorkFailed("failed", err.format_message())
    message = err.format_message().rstrip(".")
    message = message.replace("is not a valid integer range", "is not a whole number")
    message = message.replace("is not a valid integer", "is not a whole number")
    code = "unknown-command" if message.startswith("there is no command") else "usage"
    code = "unknown-flag" if message.startswith("there is no flag") else code
    return Misuse(code, message[:1].lower() + message[1:], hint=f"{path} --help")


def from_system(err: OSError) -> SpsError:
    """Translate what the operating system refused."""
    where = str(err.filename) if err.filename else ""
    says = err.strerror or str(err)
    if isinstance(err, PermissionError):
        return Absent("not-permitted", f"{where or 'a file'}: {says}", where=where,
                      hint="sps doctor")  # fmt: skip
    return WorkFailed("system", f"{where}: {says}" if where else says, where=where,
                      hint="sps doctor")  # fmt: skip


def tell(error: SpsError, *, as_json: bool) -> int:
    """Write an error in the form that was asked for and return its exit code."""
    if as_json:
        import json  # a command that succeeds never needs it

        text = json.dumps({"error": error.as_json()}, ensure_ascii=True)
        screen.document(text.encode())
        return error.exit_code
    more = [f"  at {error.where}"] if error.where else []
    more += [f"  next: {error.hint}"] if error.hint else []
    screen.fault(screen.headline(error.code, error.message), more)
    return error.exit_code


def _nearest_flag(flag: str, names: list[str]) -> str:
    """Compare the words alone: the dashes, which all of them share, make anything look alike."""
    by_word = {name.lstrip("-"): name for name in names if name.startswith("--")}
    near = nearest(flag.lstrip("-"), by_word)
    return f'; did you mean "{by_word[near]}"?' if near else ""


def _flags(ctx: click.Context | None) -> list[str]:
    if ctx is None:
        return []
    found = [name for param in ctx.command.params for name in (*param.opts, *param.secondary_opts)]
    return [name for name in [*found, "--help"] if name.startswith("-")]
