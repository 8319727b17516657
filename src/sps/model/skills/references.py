"""Whether the links of a skill's texts lead somewhere inside the skill."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from sps.lib.nearest import suggestion
from sps.model.skills.finding import LintFinding, LintSeverity
from sps.model.skills.markdown import Link, headings, lines, links
from sps.model.skills.mode import Mode
from sps.model.skills.tree import MAIN, SkillTree

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_MENTION = re.compile(r"`((?:references|scripts|assets|checks|evals)/[\w./-]*\w\.\w+)`")
_HIDDEN = re.compile(r"<!--")
_TEXTS_LIMIT = 400


def texts(tree: SkillTree) -> dict[str, str]:
    """Return the Markdown files that belong to the skill's own text: not its cases, not its
    assets."""
    chosen = [
        path
        for path in tree.files
        if path.endswith(".md") and not path.startswith(("checks/cases/", "assets/"))
    ]
    out = {path: tree.text(path) for path in chosen[:_TEXTS_LIMIT]}
    return {path: text for path, text in out.items() if text is not None}


def reference_findings(tree: SkillTree, mode: Mode) -> Iterator[LintFinding]:
    """Return dead links and anchors, links that leave the skill, and, in `strict` mode, dead paths
    in code marks, references that SKILL.md never names, links to the web and HTML comments."""
    strict = mode is Mode.STRICT
    severity = LintSeverity.ERROR if strict else LintSeverity.WARNING
    every = texts(tree)
    for path, text in every.items():
        for link in links(text):
            yield from _link(path, link, tree, severity)
            if strict and link.target.startswith(("http:", "https:")):
                says = f"a link to the web: {link.target[:100]}"
                yield _at(path, link, "external-link", says, LintSeverity.INFO)
        if strict:
            yield from _strict(path, text, tree)
    if strict and MAIN in every:
        yield from _orphans(every)


def _link(path: str, link: Link, tree: SkillTree, severity: LintSeverity) -> Iterator[LintFinding]:
    target = unquote(link.target)
    if not target or _SCHEME.match(target):
        if target.lower().startswith("file:"):
            yield _at(path, link, "link-outside", f"{target!r} leaves the skill", severity)
        return
    file, _, anchor = target.partition("#")
    whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
    if file.startswith("/") or whole.startswith(".."):
        yield _at(path, link, "link-outside", f"{target!r} leaves the skill", severity)
    elif whole not in tree.files:
        folder = any(one.startswith(f"{whole}/") for one in tree.files) or whole == "."
        if not folder:
            near = suggestion(whole, tree.files)
            yield _at(path, link, "dead-link", f"{target!r} is not in the skill{near}", severity)
    elif anchor and whole.endswith(".md"):
        slugs = [one.slug for one in headings(tree.text(whole) or "")]
        if anchor not in slugs:
            says = f"{whole} has no heading #{anchor}{suggestion(anchor, slugs)}"
            yield _at(path, link, "dead-anchor", says, severity)


def _strict(path: str, text: str, tree: SkillTree) -> Iterator[LintFinding]:
    for line in lines(text):
        if line.code:
            continue
        for match in _MENTION.finditer(line.text):
            if match[1] not in tree.files:
                says = f"{match[1]!r} is not in the skill{suggestion(match[1], tree.files)}"
                link = Link(match[1], "", line.number, match.start() + 2)
                yield _at(path, link, "dead-path", says, LintSeverity.WARNING)
        hidden = _HIDDEN.search(line.text)
        if hidden:
            link = Link("", "", line.number, hidden.start() + 1)
            says = "a comment is not shown to a reader, but the agent reads it"
            yield _at(path, link, "html-comment", says, LintSeverity.WARNING)


def _orphans(every: dict[str, str]) -> Iterator[LintFinding]:
    main = every[MAIN]
    for path in every:
        if path.startswith("references/") and path not in main:
            says = f"{MAIN} never says when to read {path}"
            yield LintFinding(path=path, rule="orphan-reference", says=says)


def _at(path: str, link: Link, rule: str, says: str, severity: LintSeverity) -> LintFinding:
    return LintFinding(
        path=path, line=link.line, column=link.column, rule=rule, severity=severity, says=says
    )
