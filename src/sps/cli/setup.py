"""`sps setup`: make the home, see what is there, and connect it with what the user works with."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from sps.bootstrap import home_folder
from sps.cli import screen
from sps.cli.frame import Frame, changing
from sps.cli.table import table

if TYPE_CHECKING:
    from sps.services.setup.uninstall import Undone
    from sps.services.setup_home import SetUp


_MANY = 5


@click.command("setup")
@click.option("--agent", metavar="A", help="The agent of new projects.")
@click.option("--skill", "skills", multiple=True, metavar="NAME|all",
              help="Link this skill into the user folders of the agents that you use.")  # fmt: skip
@click.option(
    "--rules",
    multiple=True,
    metavar="FILE",
    help="Offer a part on cards for this rule file: AGENTS.md, CLAUDE.md, ...",
)
@click.option(
    "--repo",
    default=".",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="The repository of the rule files (default: that of this folder).",
)
@click.option("--key", metavar="AGENT[=VARIABLE]",
              help="Keep a key for this agent, read from standard input.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Write what is offered without asking.")
@click.option("--no-input", is_flag=True, help="Ask nothing, also at a terminal.")
@click.option("--uninstall", is_flag=True, help="Take back exactly what setup wrote.")
@changing
def setup(frame: Frame, **flags: Any) -> int:
    """Make the home (mode 0700), look for agents and the sandbox, and say what to type next.

    The home is $SPS_HOME, else ~/.sps. At a terminal it asks; without one, or with flags, it does
    what the flags say. Run again, it keeps what is there. Nothing is ever committed.
    """
    wishes = Wishes(**{name: flags[name] for name in Wishes.__struct_fields__})
    if flags["uninstall"]:
        return _uninstall(frame)
    may_ask = wishes.nothing and not (flags["no_input"] or frame.as_json or frame.dry_run)
    asked_at_terminal = may_ask and _at_terminal()
    with frame.world(create=True) as world:
        from sps.cli.setup_steps import carry_out, settled
        from sps.services.setup_home import set_up

        settled(frame, world)
        if asked_at_terminal:
            from sps.cli.setup_wizard import asked

            screen.err(_machine(set_up(world)) + "\n")
            wishes = asked(world, wishes)
        did = carry_out(frame, world, wishes)
        done = msgspec.structs.replace(set_up(world), wrote=did)
    if frame.dry_run:  # the home that was looked at may be a throw-away one
        done = msgspec.structs.replace(done, home=str(home_folder()))
    # At a terminal the machine was shown before the questions.
    frame.show(done, _outcome if asked_at_terminal else _text)
    return 0


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What setup is to do beyond making the home. `value` is the key itself, once it was read."""

    agent: str | None = None
    skills: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    repo: Path = Path()
    key: str | None = None
    yes: bool = False

    @property
    def nothing(self) -> bool:
        return not (self.agent or self.skills or self.rules or self.key or self.yes)


def _at_terminal() -> bool:
    return screen.interactive() and sys.stdout.isatty()


def _text(done: SetUp) -> str:
    return f"{_machine(done)}\n\n{_outcome(done)}"


def _machine(done: SetUp) -> str:
    """Say what there is to work with."""
    from sps.cli.agent import absent

    rows = [
        (one.name, "ready" if one.ok else absent(one), one.version,
         one.login if one.ok else "",
         "" if one.ok else one.install if one.instead else one.cure)
        for one in done.agents
    ]  # fmt: skip
    boxed = "works" if done.sandbox.ok else f"does not work: {done.sandbox.cause}"
    parts = [f"home     {done.home}", f"sandbox  {boxed}"]
    if not done.sandbox.ok and done.sandbox.command:
        parts.append(f"         {done.sandbox.command}")
    if done.agent:
        parts.append(f"agent    {done.agent}, for new projects")
    if rows:
        parts += ["", table(("AGENT", "", "VERSION", "LOGIN", "TO INSTALL"), rows)]
    return "\n".join(parts)


def _outcome(done: SetUp) -> str:
    """Say what was written, many things in one folder on one line, and what comes next."""
    parts: list[str] = []
    if done.wrote:
        folders = Counter(str(Path(path).parent) for path in done.wrote)
        lines = (
            f"{folder}: {folders[folder]} skills"
            if folders[folder := str(Path(path).parent)] > _MANY
            else path
            for path in done.wrote
        )
        parts = ["written (sps setup --uninstall takes it back):"]
        parts += [*(f"  {line}" for line in dict.fromkeys(lines)), ""]
    parts.append(f"next: {done.next}")
    parts += [f"then: {done.then}"] if done.then else []
    return "\n".join(parts)


def _uninstall(frame: Frame) -> int:
    from sps.services.setup.uninstall import Left, in_use, remove_home, uninstall

    root = home_folder()
    with frame.world() as world:
        home = world.home
        done = uninstall(world, dry=frame.dry_run)
        why = in_use(world)
    if why is None and done.left:
        why = "it holds the record of what was left"
    elif why is None and not frame.dry_run:
        remove_home(home)
    removed = done.removed if why else [*done.removed, str(root)]
    left = [*done.left, Left(path=str(root), why=why)] if why else done.left
    if why:
        frame.note(f"to remove the home with all that is in it: rm -r {shlex.quote(str(root))}")
    done = msgspec.structs.replace(done, removed=removed, left=left)
    frame.show(done, lambda one: _undone_text(one, dry=frame.dry_run))
    return 0


def _undone_text(done: Undone, *, dry: bool) -> str:
    parts = [f"{'would be ' if dry else ''}taken back: {path}" for path in done.removed]
    parts += [f"left: {one.path} ({one.why})" for one in done.left]
    parts += [f"left: the login of {one}; sps agent logout {one} removes it" for one in done.logins]
    return "\n".join(parts) or "setup wrote nothing here"
