"""A group of commands whose modules are imported only when one of them is used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from sps.lib.nearest import suggestion
from sps.model.errors import Misuse, SpsError


class Entry(NamedTuple):
    """Where a command is (`module:attribute`), and one line about it for the list."""

    target: str
    says: str
    hidden: bool = False


class LazyGroup(click.Group):
    """Knows its commands by name; the list of them costs no import. Without one it shows them, or
    does what `callback` says."""

    def __init__(self, name: str, *, entries: Mapping[str, Entry], **kwargs: Any) -> None:
        kwargs.setdefault("callback", _help)
        super().__init__(name, invoke_without_command=True, **kwargs)
        self._entries = entries
        self.params.append(
            click.Option(
                ["--json"], is_flag=True, expose_value=False, help="Print one JSON document."
            )
        )

    def list_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
    ) -> list[str]:
        """Return the names in the order in which they are needed."""
        return [name for name, entry in self._entries.items() if not entry.hidden]

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command."""
        entry = self._entries.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        if not any("--json" in option.opts for option in command.params):
            command.params.append(
                click.Option(["--json"], is_flag=True, expose_value=False, hidden=True)
            )
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first word names; an unknown one gets the nearest name."""
        word = args[0]
        if not ctx.resilient_parsing and word not in self._entries:
            what = "flag" if word.startswith("-") else "command"
            names = self.list_commands(ctx)
            raise click.UsageError(f'there is no {what} "{word}"{suggestion(word, names)}', ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. An error that knows no next command leads to the command's own help, or
        to the doctor where the command was right."""
        try:
            return super().invoke(ctx)
        except SpsError as err:
            asked = " ".join(filter(None, (ctx.command_path, ctx.invoked_subcommand, "--help")))
            err.hint = err.hint or (asked if isinstance(err, Misuse) else "sps doctor")
            raise

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without importing them."""
        rows = [(name, entry.says) for name, entry in self._entries.items() if not entry.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.pass_context
def _help(ctx: click.Context) -> None:
    """Show the list of commands when none was named."""
    if ctx.invoked_subcommand is not None:
        return
    if ctx.obj is not None and ctx.obj.get("json"):
        raise click.UsageError("a command is missing", ctx)
    click.echo(ctx.get_help())
    ctx.exit(0)
