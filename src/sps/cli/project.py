"""`sps project`: the repositories that SPS works on."""

from __future__ import annotations

from sps.cli.lazy_group import Entry, LazyGroup

_MAKE, _KEEP = "sps.cli.project_make", "sps.cli.project_keep"
_ENVIRONMENT = "sps.cli.project_environment"

project = LazyGroup(
    "project",
    entries={
        "init": Entry(f"{_MAKE}:init", "register a repository"),
        "list": Entry(f"{_KEEP}:list_", "list the projects"),
        "show": Entry(f"{_KEEP}:show", "show one project"),
        "set": Entry(f"{_KEEP}:set_", "change settings of a project"),
        "environment": Entry(f"{_ENVIRONMENT}:environment", "what setup made and keeps"),
        "trust": Entry(f"{_MAKE}:trust", "use the pipeline that the repository carries"),
        "remove": Entry(f"{_KEEP}:remove", "take a project out of this home"),
        "export": Entry(f"{_MAKE}:export", "write a project to one file"),
        "import": Entry(f"{_MAKE}:import_", "bring an exported project in"),
    },
    help="The repositories that SPS works on.",
)
