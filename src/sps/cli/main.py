"""The command line: names, and where each command lives. Nothing is imported before its use."""

from __future__ import annotations

import sys

import click

from sps import __version__
from sps.cli import failure, screen
from sps.cli.lazy_group import Entry, LazyGroup
from sps.model.errors import SpsError

_INTERRUPTED = 130

_COMMANDS = {
    "setup": Entry("sps.cli.setup:setup", "make the home, and see what is there to work with"),
    "demo": Entry("sps.cli.demo:demo", "watch it work: fresh repository, real pipeline, no model"),
    "project": Entry("sps.cli.project:project", "the repositories that SPS works on"),
    "card": Entry("sps.cli.card:card", "the tasks of a project"),
    "tick": Entry("sps.cli.tick:tick", "work in the foreground until nothing can move"),
    "run": Entry("sps.cli.tick:tick", "the same as tick", hidden=True),
    "up": Entry("sps.cli.up:up", "work in the background, as a daemon"),
    "down": Entry("sps.cli.down:down", "stop the daemon"),
    "console": Entry("sps.cli.console:console", "open the web console"),
    "status": Entry("sps.cli.status:status", "how all projects stand"),
    "why": Entry("sps.cli.why:why", "why a card is where it is, and what to do"),
    "logs": Entry("sps.cli.logs:logs", "what happened, line by line"),
    "doctor": Entry("sps.cli.doctor:doctor", "check everything that can be wrong"),
    "verify": Entry("sps.cli.verify:verify", "check from outside that every promise is kept"),
    "pipeline": Entry("sps.cli.pipeline:pipeline", "the stages and gates of a project"),
    "agent": Entry("sps.cli.agent:agent", "the coding agents this home knows"),
    "skill": Entry("sps.cli.skill:skill", "the skills that cards can name"),
    "worker": Entry("sps.cli.worker:worker", "the runs in progress"),
    "audit": Entry("sps.cli.audit:audit", "who did what that concerns security"),
    "backup": Entry("sps.cli.backup:backup", "write this home to one file"),
    "restore": Entry("sps.cli.backup:restore", "make the home again from a backup"),
    "slo": Entry("sps.cli.slo:slo", "what is promised in numbers, and how it is kept"),
    "config": Entry("sps.cli.config:config", "the settings of this home"),
    "bench": Entry("sps.cli.bench.command:bench", "measure the speed budgets on this machine"),
    "help": Entry("sps.cli.help:help_", "the page about a code or a subject"),
    "completion": Entry("sps.cli.completion:completion", "shell completion: bash, zsh or fish"),
}

root = LazyGroup(
    "sps",
    entries=_COMMANDS,
    help="Cards in, verified and landed changes out.\n\nBegin with: sps setup, or sps demo.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
root.params.append(
    click.Option(
        ["-V", "--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=lambda ctx, _, asked: _version(ctx, asked=asked),
        help="Show the version.",
    )
)


def main() -> int:
    """Run the command that the arguments name and return the exit code."""
    argv = sys.argv[1:]
    as_json = _json_wanted(argv)
    screen.prepare()
    try:
        try:
            return _run(argv, as_json=as_json)
        except SpsError as err:
            return failure.tell(err, as_json=as_json)
        except click.ClickException as err:
            return failure.tell(failure.from_click(err), as_json=as_json)
        except OSError as err:
            return failure.tell(failure.from_system(err), as_json=as_json)
    except screen.Gone:
        return 0
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED


def _run(argv: list[str], *, as_json: bool) -> int:
    answer = root.main(argv, "sps", standalone_mode=False, obj={"json": as_json})
    return answer if isinstance(answer, int) else 0


def _json_wanted(argv: list[str]) -> bool:
    """Whether one JSON document was asked for, known before anything can go wrong."""
    words = argv[: argv.index("--")] if "--" in argv else argv
    return "--json" in words


def _version(ctx: click.Context, *, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        screen.out(f"sps {__version__}")
        ctx.exit(0)
