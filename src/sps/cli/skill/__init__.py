"""`sps skill`: a manager of skills in its own right, for any repository and any agent."""

from __future__ import annotations

from sps.cli.lazy_group import Entry, LazyGroup

_HERE = "sps.cli.skill"

skill = LazyGroup(
    "skill",
    entries={
        "list": Entry(f"{_HERE}.list:list_", "list the skills, and how they stand here"),
        "show": Entry(f"{_HERE}.show:show", "show everything about a skill"),
        "search": Entry(f"{_HERE}.search:search", "find skills by words"),
        "install": Entry(f"{_HERE}.install:install", "bring a skill into the store, in quarantine"),
        "trust": Entry(f"{_HERE}.trust:trust", "trust a skill at one digest"),
        "add": Entry(f"{_HERE}.add:add", "put skills into this repository"),
        "remove": Entry(f"{_HERE}.remove:remove", "take skills out of this repository"),
        "freeze": Entry(f"{_HERE}.freeze:freeze", "make a skill this repository's own copy"),
        "unfreeze": Entry(f"{_HERE}.freeze:unfreeze", "turn an own copy into a link again"),
        "enable": Entry(f"{_HERE}.enable:enable", "let agents see a skill again"),
        "disable": Entry(f"{_HERE}.enable:disable", "keep a skill from agents"),
        "update": Entry(f"{_HERE}.update:update", "show what is newer, and take it in"),
        "sync": Entry(f"{_HERE}.sync:sync", "restore what skills.lock says"),
        "ci": Entry(f"{_HERE}.ci:ci", "refuse any difference from skills.lock"),
        "verify": Entry(f"{_HERE}.ci:verify", "show every skill and every difference"),
        "lint": Entry(f"{_HERE}.lint:lint", "check the text of skills"),
        "scan": Entry(f"{_HERE}.scan:scan", "look for what could do harm"),
        "check": Entry(f"{_HERE}.check:check", "run the checks of skills on what you changed"),
        "eval": Entry(f"{_HERE}.eval:eval_", "try a skill on its own tasks, with it and without"),
        "ledger": Entry(f"{_HERE}.ledger:ledger", "what each skill did for the cards that had it"),
        "new": Entry(f"{_HERE}.new:new", "begin a skill"),
        "trash": Entry(f"{_HERE}.trash:trash", "what was taken away, and its way back"),
        "doctor": Entry(f"{_HERE}.doctor:doctor", "what can be wrong with skills"),
    },
    help="Skills: texts that agents get, and checks that hold them to it.\n\nWorks in any "
    "repository, with or without a project.",
)
