"""`sps card`: the tasks of a project."""

from __future__ import annotations

from sps.cli.lazy_group import Entry, LazyGroup

_HERE = "sps.cli.card"

card = LazyGroup(
    "card",
    entries={
        "add": Entry(f"{_HERE}.add:add", "add a card; it runs as soon as it may"),
        "list": Entry(f"{_HERE}.look:list_", "list the cards of a project"),
        "board": Entry(f"{_HERE}.board:board", "show the board of a project"),
        "show": Entry(f"{_HERE}.look:show", "show everything about a card"),
        "log": Entry(f"{_HERE}.look:log", "show what happened to a card"),
        "edit": Entry(f"{_HERE}.edit:edit", "change what a card says"),
        "split": Entry(f"{_HERE}.edit:split", "make the parts of a card cards of their own"),
        "check": Entry(f"{_HERE}.edit:check", "tick an item of a card's checklist"),
        "comment": Entry(f"{_HERE}.verbs:comment", "say something to the agent of a card"),
        "move": Entry(f"{_HERE}.verbs:move", "hold a card in planning, or release it"),
        "approve": Entry(f"{_HERE}.verbs:approve", "let a change that waits for you land"),
        "reject": Entry(f"{_HERE}.verbs:reject", "send a change back with a comment"),
        "regate": Entry(f"{_HERE}.gates:regate", "run a waiting card's gates again"),
        "waive": Entry(f"{_HERE}.gates:waive", "let one red gate count for nothing, with a reason"),
        "resolve": Entry(f"{_HERE}.verbs:resolve", "say that a comment on a change is settled"),
        "retry": Entry(f"{_HERE}.verbs:retry", "send a waiting card back to work"),
        "cancel": Entry(f"{_HERE}.verbs:cancel", "stop what runs and hold the card"),
        "drop": Entry(f"{_HERE}.verbs:drop", "give a card up for good"),
    },
    help="The tasks of a project. Each is a Markdown file in the home; edit it as you like.",
)
