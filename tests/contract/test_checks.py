"""The checks of skills: what they find, what they leave alone, and what happens when they break."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sps.adapters.checks_astgrep.runner import TAG, WorkerChecks
from sps.lib.proctree import tagged
from sps.lib.runtime import package_path
from sps.model.pipeline import SandboxMode
from sps.model.skills.check import CheckSeverity
from sps.ports.checks import ChecksFailed
from sps.ports.sandbox import Box, Launch, Probe
from tests.check_runs import look, order, places, prove, put, runner
from tests.check_skill import ALL, SAYS, SkillMaker
from tests.contract.boxes import fresh_tag, until

BWRAP = pytest.mark.needs("bwrap")


@pytest.fixture
def maker(tmp_path: Path) -> SkillMaker:
    return SkillMaker(tmp_path / "skills")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


# --- what is found -------------------------------------------------------------------------------


def test_finding_says_where_and_which_sentence(maker: SkillMaker, root: Path) -> None:
    maker.ast(more="hint: pass timeout=")
    put(root, "a.py", "x = 1\nfetch( x )  # y\n")
    report = look(root, maker)
    assert report.inconclusive == ()
    one = report.findings[0]
    assert (one.check, one.skill, one.path, one.line) == ("demo-call", "demo", "a.py", 2)
    assert (one.severity, one.says, one.hint) == (CheckSeverity.BLOCK, SAYS, "pass timeout=")
    assert one.excerpt == "fetch( x )  # y"
    assert (report.ran, report.ok) == (1, False)


@pytest.mark.parametrize(
    "ranges, found",
    [(((3, 3),), [3]), (((1, 1), (5, 9)), [1]), ((), []), (((2, 2), (4, 4)), [])],
)
def test_only_added_lines_count(
    maker: SkillMaker, root: Path, ranges: tuple[tuple[int, int], ...], found: list[int]
) -> None:
    maker.ast()
    put(root, "a.py", "fetch(1)\nx = 1\nfetch(2)\nx = 2\n")
    assert [one.line for one in look(root, maker, added={"a.py": ranges}).findings] == found


def test_long_match_counts_when_a_line_inside_is_added(maker: SkillMaker, root: Path) -> None:
    maker.ast()
    put(root, "a.py", "fetch(\n  1,\n  2,\n)\nx = 1\n")
    assert places(look(root, maker, added={"a.py": ((3, 3),)})) == [("a.py", 1)]
    assert places(look(root, maker, added={"a.py": ((5, 5),)})) == []


@pytest.mark.parametrize("when, found", [("changed-files", ["a.py"]), ("repo", ["a.py", "b.py"])])
def test_when_widens_what_counts(
    maker: SkillMaker, root: Path, when: str, found: list[str]
) -> None:
    maker.ast(more=f"when: {when}")
    put(root, "a.py", "fetch(1)\nx = 1\n")
    put(root, "b.py", "fetch(1)\n")
    put(root, "node_modules/c.py", "fetch(1)\n")
    report = look(root, maker, added={"a.py": ((2, 2),)})
    assert [one.path for one in report.findings] == found


def test_nested_matches_are_one_finding(maker: SkillMaker, root: Path) -> None:
    maker.ast()
    put(root, "a.py", "fetch(\n  fetch(1),\n  fetch(2),\n)\nfetch(3)\n")
    assert places(look(root, maker)) == [("a.py", 1), ("a.py", 5)]


@pytest.mark.parametrize("path", ["a.ts", "a.tsx", "a.js", "a.jsx", "a.mjs", "a.cjs"])
def test_typescript_entry_serves_its_relatives(maker: SkillMaker, root: Path, path: str) -> None:
    maker.ast("typescript:\n  rule: {kind: call_expression, regex: ^fetch}\n",
              languages=("typescript",))  # fmt: skip
    put(root, path, "const a = fetch(1);\n")
    report = look(root, maker)
    assert (places(report), report.inconclusive) == ([(path, 1)], ())


def test_own_entry_of_a_relative_goes_first(maker: SkillMaker, root: Path) -> None:
    rule = "typescript:\n  rule: {pattern: fetch($A)}\njavascript:\n  rule: {pattern: other($A)}\n"
    maker.ast(rule, languages=("typescript",))
    put(root, "a.js", "fetch(1);\nother(2);\n")
    put(root, "b.ts", "fetch(1);\nother(2);\n")
    assert places(look(root, maker)) == [("a.js", 2), ("b.ts", 1)]


def test_tests_examples_and_vendored_files_are_left_out(maker: SkillMaker, root: Path) -> None:
    maker.ast()
    left_out = ["tests/a.py", "test_a.py", "a_test.py", "docs/a.py", "examples/a.py",
                "vendor/a.py", "x/node_modules/a.ts", "a.spec.ts", "a_pb2.py"]  # fmt: skip
    for path in [*left_out, "src/latest.py"]:
        put(root, path, "fetch(1)\n")
    assert places(look(root, maker)) == [("src/latest.py", 1)]


def test_tests_can_be_asked_for(maker: SkillMaker, root: Path) -> None:
    maker.ast(more="applies: {tests: true, globs: ['**/test_*.py'], not: ['**/old/**']}")
    for path in ("tests/test_a.py", "test_b.py", "c.py", "old/test_d.py"):
        put(root, path, "fetch(1)\n")
    assert [one.path for one in look(root, maker).findings] == ["test_b.py", "tests/test_a.py"]


REQUIRES = "applies: {requires: [{glob: '**/*.py', text: '^import web'}]}"


@pytest.mark.parametrize("there", [True, False])
def test_required_marker_may_stand_anywhere_in_the_tree(
    maker: SkillMaker, root: Path, there: bool
) -> None:
    maker.ast(more=REQUIRES)
    put(root, "a.py", "fetch(1)\n")
    put(root, "lib/b.py", "import os\nimport web\n" if there else "# import web\n")
    assert bool(look(root, maker, added={"a.py": ALL}).findings) is there


def test_satisfying_marker_silences(maker: SkillMaker, root: Path) -> None:
    maker.ast(more="satisfied_by: [{glob: '*.py', text: 'set_default_timeout\\('}]")
    put(root, "a.py", "fetch(1)\n")
    assert len(look(root, maker).findings) == 1
    put(root, "b.py", "set_default_timeout(3)\n")
    report = look(root, maker, added={"a.py": ALL})
    assert (report.findings, report.ok) == ((), True)


UNFINISHED = {
    ".py": ['x = """\n', "f(\n", "if x:\n", "x = 1 + \\\n", "@wraps\n", "x = '", "def f(:\n", "#"],
    ".ts": ["/* x\n", "const x = `\n", "f(\n", "if (x)\n", "x = a +\n", "class A {\n", "//", "'"],
}


@pytest.mark.parametrize("ending", UNFINISHED)
def test_unfinished_files_hide_nothing_in_the_files_beside_them(
    maker: SkillMaker, root: Path, ending: str
) -> None:
    maker.ast()
    for number, text in enumerate(UNFINISHED[ending]):
        put(root, f"a{number}{ending}", text)
        put(root, f"a{number}x{ending}", "y = 1\nfetch(1)\n")
        put(root, f"a{number}y{ending}", "y = 1\n")
    report = look(root, maker)
    found = [(f"a{number}x{ending}", 2) for number in range(len(UNFINISHED[ending]))]
    assert places(report) == found


def test_many_files_are_told_apart(maker: SkillMaker, root: Path) -> None:
    maker.ast()
    calls = {f"m{number:03}.py": number for number in range(0, 250, 7)}
    for number in range(250):
        path = f"m{number:03}.py"
        body = "# fetch\n" * number
        put(root, path, body + ("fetch(1)" if path in calls else ""))
    assert places(look(root, maker)) == [(path, line + 1) for path, line in calls.items()]


def test_rule_that_sees_its_neighbours_sees_only_those_of_its_file(
    maker: SkillMaker, root: Path
) -> None:
    rule = "python:\n  rule: {pattern: fetch($$$A), not: {inside: {follows: {regex: ^guard}}}}\n"
    maker.ast(rule, languages=("python",))
    for number in range(20):
        put(root, f"a{number:02}.py", "guard(fetch)\n" if number % 2 else "fetch(1)\n")
    assert len(look(root, maker).findings) == 10


# --- waivers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["fetch(1)  # skill-ok: demo-call the peer is on this host\n",
     "# skill-ok: demo-call the peer is on this host\nfetch(1)\n"],
)  # fmt: skip
def test_waiver_with_a_reason_is_counted(maker: SkillMaker, root: Path, text: str) -> None:
    maker.ast()
    put(root, "a.py", text)
    report = look(root, maker)
    assert (report.findings, report.ok) == ((), True)
    waiver = report.waivers[0]
    assert (waiver.check, waiver.reason) == ("demo-call", "the peer is on this host")
    assert (
        waiver.line == text.split("\n").index(next(x for x in text.split("\n") if "fetch" in x)) + 1
    )


@pytest.mark.parametrize(
    "comment",
    ["skill-ok: demo-call", "skill-ok: demo-call -- ", "skill-ok: demo-other because",
     "skill-ok: demo-call-more because", "skill-ok demo-call because"],
)  # fmt: skip
def test_waiver_without_reason_or_for_another_check_is_none(
    maker: SkillMaker, root: Path, comment: str
) -> None:
    maker.ast()
    put(root, "a.py", f"fetch(1)  # {comment}\n")
    report = look(root, maker)
    assert (len(report.findings), report.waivers) == (1, ())


def test_waiver_two_lines_above_is_none(maker: SkillMaker, root: Path) -> None:
    maker.ast()
    put(root, "a.py", "# skill-ok: demo-call why\n\nfetch(1)\n")
    assert len(look(root, maker).findings) == 1


def test_check_can_refuse_waivers(maker: SkillMaker, root: Path) -> None:
    maker.ast(more="waiver: never")
    put(root, "a.py", "fetch(1)  # skill-ok: demo-call because\n")
    report = look(root, maker)
    assert (len(report.findings), report.waivers) == (1, ())


# --- presence ------------------------------------------------------------------------------------

PRESENCE = """
presence:
  marker: [{glob: '**/*.py', text: 'Server\\('}]
  wants: [{glob: '**/*.py', text: '/ready'}, {glob: '*.md', text: 'no health'}]
"""


def test_missing_companion_is_reported_at_the_marker(maker: SkillMaker, root: Path) -> None:
    maker.check("presence", PRESENCE)
    put(root, "a.py", "x = 1\napp = Server()\n")
    put(root, "b.py", "x = 1\n")
    report = look(root, maker, added={"a.py": ((1, 1),), "b.py": ALL})
    assert places(report) == [("a.py", 2)]
    assert places(look(root, maker, added={"b.py": ALL})) == []


@pytest.mark.parametrize("path, text", [("lib/c.py", "'/ready'"), ("x.md", "no health here")])
def test_companion_may_stand_in_any_file(
    maker: SkillMaker, root: Path, path: str, text: str
) -> None:
    maker.check("presence", PRESENCE)
    put(root, "a.py", "app = Server()\n")
    put(root, path, text)
    assert places(look(root, maker, added={"a.py": ALL})) == []


def test_presence_over_the_repository_needs_no_changed_marker(
    maker: SkillMaker, root: Path
) -> None:
    maker.check("presence", PRESENCE + "when: repo\n")
    put(root, "a.py", "app = Server()\n")
    put(root, "b.py", "x = 1\n")
    assert places(look(root, maker, added={"b.py": ALL})) == [("a.py", 1)]


# --- commands and the reviewer -------------------------------------------------------------------


@BWRAP
def test_trusted_command_reports_where_it_complains(maker: SkillMaker, root: Path) -> None:
    maker.check("command", "command: {run: 'grep -n bad a.txt | sed s/^/a.txt:/ && exit 1'}")
    put(root, "a.txt", "good\nbad\n")
    report = look(root, maker, commands=True)
    assert places(report) == [("a.txt", 2)]
    assert report.inconclusive == ()


@BWRAP
@pytest.mark.parametrize("run", ["exit 127", "kill -9 $$", "no-such-program-here"])
def test_command_that_cannot_judge_is_inconclusive(maker: SkillMaker, root: Path, run: str) -> None:
    maker.check("command", f"command: {{run: '{run}'}}")
    put(root, "a.txt", "x\n")
    report = look(root, maker, commands=True)
    assert (len(report.findings), len(report.inconclusive)) == (0, 1)


@BWRAP
def test_command_sees_nothing_writable_and_leaves_nothing(
    maker: SkillMaker, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("x")
    tag = fresh_tag()
    run = f"test ! -e {tmp_path}/secret && ! touch a.txt 2>/dev/null; r=$?; sleep 300 & exit $r"
    maker.check("command", f"command: {{run: '{run}', timeout: 3}}")
    put(root, "a.txt", "x\n")
    report = look(root, maker, commands=True, tag=tag)
    assert (report.findings, report.inconclusive) == ((), ())
    assert until(lambda: not tagged(TAG, tag))


def test_command_is_not_run_before_it_is_trusted(
    maker: SkillMaker, root: Path, tmp_path: Path
) -> None:
    maker.check("command", f"command: {{run: 'touch {tmp_path}/ran'}}")
    put(root, "a.txt", "x\n")
    report = look(root, maker, sandbox=SandboxMode.NONE)
    assert "not trusted" in report.inconclusive[0].why
    assert not (tmp_path / "ran").exists()


def test_judge_sentences_are_collected_where_they_apply(maker: SkillMaker, root: Path) -> None:
    maker.check("judge", "hint: read it", key="py")
    maker.check("judge", "applies: {globs: ['**/*.go']}", key="go")
    put(root, "a.py", "x = 1\n")
    report = look(root, maker)
    assert [(one.check, one.says, one.hint) for one in report.judge] == [
        ("demo-py", SAYS, "read it")
    ]


# --- what goes wrong -----------------------------------------------------------------------------

BROKEN = {
    "kind": "python:\n  rule: {kind: no_such_kind}\n",
    "field": "python:\n  rule: {bogus: 1}\n",
    "regex": "python:\n  rule: {kind: call, regex: '('}\n",
    "panic": "python:\n  rule: {pattern: ''}\n",
}


@pytest.mark.parametrize("rule", BROKEN.values(), ids=BROKEN)
def test_broken_rule_is_inconclusive_and_stops_no_other(
    maker: SkillMaker, root: Path, rule: str
) -> None:
    maker.ast(rule, key="broken", languages=("python",))
    maker.ast()
    put(root, "a.py", "fetch(1)\n")
    report = look(root, maker)
    assert [one.check for one in report.findings] == ["demo-call"]
    assert {one.check for one in report.inconclusive} == {"demo-broken"}
    assert not report.ok


def test_panic_of_the_library_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    from sps.adapters.checks_astgrep.kind_ast import _parsed

    assert _parsed("x = 1", "no-such-language") is None


def test_mistakes_in_the_checks_file_are_inconclusive(maker: SkillMaker, root: Path) -> None:
    maker.ast()
    maker.check("ast", "languages: [python]\nsevere: yes", key="other")
    put(root, "a.py", "fetch(1)\n")
    report = look(root, maker)
    assert len(report.findings) == 1
    assert any("severe" in one.why for one in report.inconclusive)


def test_skill_that_is_gone_or_full_of_links_is_inconclusive(maker: SkillMaker, root: Path) -> None:
    maker.ast()
    (maker.folder / "link").symlink_to("/etc/passwd")
    put(root, "a.py", "fetch(1)\n")
    gone = SkillMaker(root.parent / "other", "gone")
    (gone.folder / "SKILL.md").unlink()
    gone.folder.rmdir()
    report = look(root, maker, gone)
    assert [one.skill for one in report.inconclusive] == ["demo", "gone"]
    assert report.findings == ()


def test_catastrophic_regex_is_ended_and_named(maker: SkillMaker, root: Path) -> None:
    maker.check("config", "config:\n  globs: ['**/*.txt']\n  format: lines\n  forbid: '^(a|a)*$'")
    put(root, "a.txt", "a" * 60 + "b\n")
    with pytest.raises(ChecksFailed, match=r"within 1\.5 s; it was at demo-call 'a\.txt'"):
        look(root, maker, timeout=1.5)


def test_memory_is_bounded_and_the_crash_named(maker: SkillMaker, root: Path) -> None:
    maker.ast()
    put(root, "a.py", "fetch(1)\n")
    small = WorkerChecks({}, package=package_path(), memory=64 * 1024 * 1024)
    with pytest.raises(ChecksFailed, match="broke off"):
        asyncio.run(small.run(order(root, maker)))


def test_native_crash_is_no_verdict_and_named(maker: SkillMaker, root: Path) -> None:
    maker.ast()
    # Deeper than any native stack.
    put(root, "a.py", "fetch(" + "(" * 200_000 + "1" + ")" * 200_000 + ")\n")
    said = ""
    try:
        report = look(root, maker)
    except ChecksFailed as err:
        said = str(err)
    else:
        assert set(places(report)) <= {("a.py", 1)}
    assert not said or "demo-call 'a.py'" in said


def test_cancelling_leaves_no_process(maker: SkillMaker, root: Path) -> None:
    maker.check("config", "config:\n  globs: ['**/*.txt']\n  format: lines\n  forbid: '^(a|a)*$'")
    put(root, "a.txt", "a" * 60 + "b\n")
    tag = fresh_tag()

    async def scene() -> None:
        task = asyncio.ensure_future(runner().run(order(root, maker, tag=tag)))
        assert await asyncio.to_thread(until, lambda: bool(tagged(TAG, tag)))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert not tagged(TAG, tag)


def test_files_that_are_no_plain_text_are_skipped(
    maker: SkillMaker, root: Path, tmp_path: Path
) -> None:
    maker.ast()
    put(tmp_path, "outside/secret.py", "fetch('secret')\n")
    (root / "link.py").symlink_to(tmp_path / "outside" / "secret.py")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "binary.py").write_bytes(b"fetch(1)\n\xff\xfe\n")
    put(root, "large.py", "fetch(1)\n" * 150_000)
    added = dict.fromkeys(
        ["link.py", "folder/secret.py", "binary.py", "large.py", "gone.py", "../outside/secret.py",
         f"{tmp_path}/outside/secret.py"], ALL,
    )  # fmt: skip
    report = look(root, maker, added=added)
    assert (report.findings, report.inconclusive) == ((), ())


def test_output_is_bounded_and_sorted(maker: SkillMaker, root: Path) -> None:
    maker.ast()
    put(root, "b.py", f"fetch('{'x' * 1000}')\n" * 300)
    put(root, "a.py", "fetch(1)\n")
    report = look(root, maker)
    assert report.findings[0].path == "a.py"
    assert len(report.findings) == 200
    assert max(len(one.excerpt) for one in report.findings) == 200


# --- the sandbox ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [pytest.param(SandboxMode.AUTO, marks=BWRAP), SandboxMode.NONE])
def test_boxed_worker_finds_the_same(maker: SkillMaker, root: Path, mode: SandboxMode) -> None:
    maker.ast()
    put(root, "a.py", "fetch(1)\n")
    assert look(root, maker, sandbox=mode) == look(root, maker)


class _NoBox:
    name = "broken"

    def launch(self, box: Box) -> Launch:
        raise AssertionError

    def probe(self) -> Probe:
        return Probe(ok=False, cause="no namespaces", command="sudo help")


def test_sandbox_that_does_not_work_is_no_verdict(maker: SkillMaker, root: Path) -> None:
    maker.ast()
    checks = WorkerChecks({SandboxMode.AUTO: _NoBox()}, package=package_path())
    with pytest.raises(ChecksFailed, match="no namespaces; run: sudo help"):
        asyncio.run(checks.run(order(root, maker, sandbox=SandboxMode.AUTO)))


LINES = """
config:
  globs: ['**/Dockerfile']
  format: lines
  forbid: '^FROM .*:latest'
  within: '^FROM'
  unless: 'scratch'
"""


# --- the skill's own cases -----------------------------------------------------------------------


def test_selftest_counts_what_proved_itself(maker: SkillMaker) -> None:
    maker.ast()
    config_check = maker.check("config", LINES, key="config", stub=False)
    maker.case(config_check, "bad/one/Dockerfile", "FROM a:latest\n")
    maker.case(config_check, "good/one/sub/Dockerfile", "FROM a:1\n")
    presence = maker.check("presence", PRESENCE, key="presence", stub=False)
    maker.case(presence, "bad/one/tests/a.py", "Server()\n")
    maker.case(presence, "good/one/a.py", "Server()\n'/ready'\n")
    judge = maker.check("judge", "", key="judge", stub=False)
    maker.case(judge, "bad/a.md", "x\n")
    maker.case(judge, "good/a.md", "x\n")
    assert prove(maker) == (3, ())


def test_selftest_is_inconclusive_about_a_blind_and_about_a_strict_rule(maker: SkillMaker) -> None:
    blind = maker.ast("python:\n  rule: {pattern: nothing()}\n", key="blind", languages=("python",))
    strict = maker.ast("python:\n  rule: {kind: call}\n", key="strict", languages=("python",))
    proved, wrong = prove(maker)
    assert proved == 0
    whys = {one.check: one.why for one in wrong}
    assert "finds nothing in the bad case" in whys[blind]
    assert "finds line 1 in the good case" in whys[strict]


def test_selftest_wants_cases_of_each_language(maker: SkillMaker) -> None:
    key = maker.ast()
    for path in (maker.folder / "checks/cases" / key).rglob("*.ts"):
        path.unlink()
    proved, wrong = prove(maker)
    assert proved == 0
    assert any("typescript" in one.why for one in wrong)


@BWRAP
def test_selftest_runs_trusted_commands_on_their_cases(maker: SkillMaker) -> None:
    good = maker.check("command", "command: {run: '! grep -rq bad .'}", key="good", stub=False)
    blind = maker.check("command", "command: {run: 'true'}", key="blind", stub=False)
    for key in (good, blind):
        maker.case(key, "bad/one/a.txt", "bad\n")
        maker.case(key, "good/one/a.txt", "fine\n")
    proved, wrong = prove(maker, commands=True)
    assert proved == 1
    assert [one.check for one in wrong] == [blind]
    assert prove(maker)[0] == 0
