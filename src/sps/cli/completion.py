"""`sps completion`: shell completion."""

from __future__ import annotations

import click

from sps.cli import screen
from sps.cli.frame import Frame, reading
from sps.model.errors import Misuse

_SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
@reading
def completion(frame: Frame, shell: str) -> None:
    """Print the script that completes sps in your shell, to be read at its start:

    \b
    bash  eval "$(sps completion bash)"
    zsh   eval "$(sps completion zsh)"
    fish  sps completion fish | source
    """
    from click.shell_completion import get_completion_class

    from sps.cli.main import root

    known = get_completion_class(shell)
    if known is None:
        raise Misuse("unknown-shell", f"there is no completion for {shell}")
    script = known(root, {}, "sps", "_SPS_COMPLETE").source_template
    values = {"complete_func": "_sps_completion", "complete_var": "_SPS_COMPLETE",
              "prog_name": "sps"}  # fmt: skip
    if frame.as_json:
        frame.show({"shell": shell, "script": script % values}, lambda one: one["script"])
        return
    screen.plain(script % values)
