"""What a check leans on outside its entry: the sentence it quotes, its rule file, its cases."""

from __future__ import annotations

import json

import msgspec

from sps.lib.nearest import suggestion
from sps.lib.yaml_nodes import BrokenYaml, Mapping, Node, Scalar, Sequence, found, parse
from sps.model.skills.check import CheckKind
from sps.model.skills.declared import AstRule, Case, Check
from sps.model.skills.finding import LintFinding
from sps.model.skills.markdown import headings, section, words
from sps.model.skills.tree import SkillTree

_CHECKS = "checks/checks.yaml"
_RULE_KEYS = ("rule", "constraints", "utils")
_AST_CASES = 2
_BORROWED = {"tsx": "typescript", "javascript": "typescript"}

#: Language, as ast-grep names it, to the file names its cases may have.
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "python": (".py",),
    "typescript": (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs"),
    "tsx": (".tsx",),
    "javascript": (".js", ".jsx", ".mjs", ".cjs"),
    "go": (".go",),
    "rust": (".rs",),
    "java": (".java",),
    "kotlin": (".kt", ".kts"),
    "swift": (".swift",),
    "c": (".c", ".h"),
    "cpp": (".cpp", ".cc", ".hpp"),
    "csharp": (".cs",),
    "ruby": (".rb",),
    "php": (".php",),
    "bash": (".sh", ".bash"),
    "html": (".html",),
    "css": (".css",),
    "json": (".json",),
    "yaml": (".yaml", ".yml"),
}


def with_evidence(check: Check, tree: SkillTree) -> tuple[Check, list[LintFinding]]:
    """Return the check with its rules and cases, and what is missing of them."""
    findings = _sentence(check, tree)
    rules: tuple[AstRule, ...] = ()
    if check.kind is CheckKind.AST:
        rules, wrong = _rules(check, tree)
        findings += wrong
    by_file = check.kind in {CheckKind.AST, CheckKind.JUDGE}
    bad, good = (_cases(tree, check.id, side, by_file=by_file) for side in ("bad", "good"))
    whole = msgspec.structs.replace(check, rules=rules, bad=bad, good=good)
    return whole, findings + _lacking(whole)


def _at(check: Check, rule: str, says: str) -> LintFinding:
    return LintFinding(path=_CHECKS, line=check.line, rule=rule, says=f"{check.id}: {says}")


def _sentence(check: Check, tree: SkillTree) -> list[LintFinding]:
    file, _, slug = check.anchor.partition("#")
    text = tree.text(file)
    if text is None:
        near = suggestion(file, [path for path in tree.files if path.endswith(".md")])
        return [_at(check, "checks-anchor", f"the skill has no file {file!r}{near}")]
    under = section(text, slug)
    if under is None:
        near = suggestion(slug, [one.slug for one in headings(text)])
        return [_at(check, "checks-anchor", f"{file} has no heading #{slug}{near}")]
    if words(check.says) in words(under):
        return []
    says = f"the sentence does not stand word for word under {check.anchor}: {check.says!r}"
    return [_at(check, "checks-says", says)]


def _rules(check: Check, tree: SkillTree) -> tuple[tuple[AstRule, ...], list[LintFinding]]:
    path = f"checks/rules/{check.id}.yml"
    text = tree.text(path)
    if text is None:
        return (), [_at(check, "checks-rule-file", f"{path} is missing")]
    try:
        root = parse(text, depth=40)
    except BrokenYaml as err:
        at = LintFinding(
            path=path, line=err.line, column=err.column, rule="checks-yaml", says=err.message
        )
        return (), [at]
    if not isinstance(root, Mapping):
        return (), [LintFinding(path=path, rule="checks-rule-file", says="languages are expected")]
    rules, findings = _entries(check, root, path)
    for language in check.languages:
        if not any(one.language == language for one in rules):
            says = f"{path} has no rule for {language}"
            findings.append(_at(check, "checks-rule-file", says))
    return rules, findings


def _entries(
    check: Check, root: Mapping, path: str
) -> tuple[tuple[AstRule, ...], list[LintFinding]]:
    findings: list[LintFinding] = []
    rules: list[AstRule] = []

    def note(node: Node, says: str) -> None:
        findings.append(
            LintFinding(
                path=path, line=node.line, column=node.column, rule="checks-rule-file", says=says
            )
        )

    for key, node in root:
        wanted = key.text in check.languages or _BORROWED.get(key.text) in check.languages
        if not wanted:
            near = suggestion(key.text, check.languages)
            note(key, f"{key.text!r} is not among the languages of {check.id}{near}")
        elif not isinstance(node, Mapping):
            note(node, f"{key.text} needs a mapping with `rule`, found {found(node)}")
        else:
            names = [inner.text for inner, _ in node]
            for inner, _ in node:
                if inner.text not in _RULE_KEYS:
                    near = suggestion(inner.text, _RULE_KEYS)
                    note(inner, f"{key.text} has no key {inner.text!r}{near}")
            if "rule" not in names:
                note(node, f"{key.text} needs `rule`")
            elif set(names) <= set(_RULE_KEYS):
                config = json.dumps(_plain(node), ensure_ascii=False)
                rules.append(AstRule(language=key.text, config=config))
    return tuple(rules), findings


def _plain(node: Node) -> object:
    if isinstance(node, Mapping):
        return {key.text: _plain(value) for key, value in node}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return _value(node)


def _value(node: Scalar) -> object:
    if not node.plain:
        return node.text
    if node.is_null:
        return None
    for value in (node.as_bool(), node.as_int()):
        if value is not None:
            return value
    return node.text


def _cases(tree: SkillTree, check: str, side: str, *, by_file: bool) -> tuple[Case, ...]:
    root = f"checks/cases/{check}/{side}"
    inside = sorted(tree.below(root).files)
    if by_file:
        return tuple(Case(name=one.rpartition("/")[2], path=one, files=(one,)) for one in inside)
    groups: dict[str, list[str]] = {}
    for path in inside:
        name, slash, _ = path.removeprefix(f"{root}/").partition("/")
        if slash:
            groups.setdefault(name, []).append(path)
    return tuple(
        Case(name=name, path=f"{root}/{name}", files=tuple(files))
        for name, files in sorted(groups.items())
    )


def _lacking(check: Check) -> list[LintFinding]:
    if check.kind is not CheckKind.AST:
        return [
            _at(check, "checks-cases", f"checks/cases/{check.id}/{side} holds no case")
            for side, cases in (("bad", check.bad), ("good", check.good))
            if not cases
        ]
    findings = []
    for language in check.languages:
        endings = EXTENSIONS[language]
        for side, cases in (("bad", check.bad), ("good", check.good)):
            count = sum(one.path.endswith(endings) for one in cases)
            if count < _AST_CASES:
                says = f"{language} needs {_AST_CASES} {side} cases, found {count}"
                findings.append(_at(check, "checks-cases", says))
    return findings + _strays(check)


def _strays(check: Check) -> list[LintFinding]:
    known = tuple(end for language in check.languages for end in EXTENSIONS[language])
    return [
        _at(check, "checks-cases", f"{one.path} is of none of the check's languages")
        for one in (*check.bad, *check.good)
        if not one.path.endswith(known)
    ]
