"""What every session with an agent keeps, whatever the agent is."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
from pathlib import Path

import msgspec
import pytest

from sps.adapters.agent_acp.places import places
from sps.lib import proctree
from sps.model.destination import Destination
from sps.model.errors import Misuse, WorkFailed
from sps.model.pipeline import SandboxMode
from sps.model.run import FAILURES, FailureKind, Outcome, Usage
from sps.ports.agent import BudgetLeft
from tests.contract.agent_room import Room
from tests.contract.endpoints import echo, tcp

SCRIPTED = ("{python}", "-I", "-S", "{scripted}")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_scripted_agent_does_its_work(room: Room) -> None:
    card = "```file path=src/x.py\nprint(1)\n```\n"
    report = room.run(kind_command=SCRIPTED, prompt=card)
    assert (report.outcome, report.detail) == (Outcome.ENDED, "")
    assert (room.workspace / "src/x.py").read_text() == "print(1)\n"
    assert report.session_id == room.listener.sessions[0]
    assert {status for *_, status in room.listener.tools} >= {"completed"}


@pytest.mark.needs("bwrap")
def test_scripted_agent_does_its_work_in_a_sandbox(room: Room) -> None:
    card = "```file path=src/x.py\nprint(1)\n```\n"
    report = room.run(kind_command=SCRIPTED, prompt=card, sandbox=SandboxMode.AUTO)
    assert (report.outcome, report.detail) == (Outcome.ENDED, "")
    assert (room.workspace / "src/x.py").read_text() == "print(1)\n"


@pytest.mark.needs("bwrap")
def test_read_only_workspace_stays_as_it_is(room: Room) -> None:
    card = "```file path=x.py\nprint(1)\n```\n"
    report = room.run(
        kind_command=SCRIPTED, prompt=card, sandbox=SandboxMode.AUTO, workspace_readonly=True
    )
    assert report.outcome is Outcome.FAILED
    assert list(room.workspace.iterdir()) == []


def test_chunks_become_messages_and_tool_calls_are_told_twice(room: Room) -> None:
    report = room.run("echo")
    assert report.outcome is Outcome.ENDED
    assert room.listener.words == ["you said: ", "please"]
    assert report.text == "you said: please"
    assert room.listener.tools == [
        ("c-1", "look", "read", "pending"),
        ("c-1", "look", "read", "completed"),
    ]


def test_messages_that_follow_each_other_are_told_apart(room: Room) -> None:
    assert room.run("warn").outcome is Outcome.ENDED
    warning = "a warning of http://a/b"
    assert room.listener.words == [warning, "I look first.", warning, "please"]


def test_thoughts_are_written_down_and_are_no_message(room: Room) -> None:
    report = room.run("think")
    assert (report.text, room.listener.words) == ("please", ["please"])
    lines = [json.loads(line) for line in room.transcript().splitlines()]
    said = [(one["type"], one["text"]) for one in lines if one["type"] in ("thought", "said")]
    assert said == [("thought", "Hm, so."), ("said", "please")]


def test_follow_up_messages_make_turns_of_the_same_session(room: Room) -> None:
    room.listener.messages = ["and then", "at last"]
    report = room.run("echo")
    assert room.listener.words[1::2] == ["please", "and then", "at last"]
    assert room.listener.sessions == ["s-1"]
    assert report.text == "you said: at last"
    whole = Usage(input_tokens=60, output_tokens=30, total_tokens=90)
    assert report.usage == room.listener.usages[-1] == whole


def test_turns_of_a_session_are_bounded(room: Room) -> None:
    room.listener.messages = ["again"] * 100
    report = room.run("echo")
    assert report.outcome is Outcome.ENDED
    assert len(room.listener.words) == 100


def test_transcript_has_turns_messages_and_tool_calls_for_its_owner_only(room: Room) -> None:
    room.run("echo")
    path = room.run_dir / "transcript.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    types = [json.loads(line)["type"] for line in room.transcript().splitlines()]
    assert types == ["prompt", "said", "tool", "tool", "said", "turn", "end"]


def test_environment_is_an_allow_list(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_OWNER", "x")
    monkeypatch.setenv("GIVEN_KEY", "k")
    report = room.run(
        "environment",
        env={"FROM_JOB": "1", "SPS_RUN": "forged"},
        kind_env={"PLACE": "{home}/place"},
        kind_pass_env=("GIVEN_KEY", "NOT_SET"),
    )
    seen = json.loads(report.text)
    home = str(room.run_dir / "home")
    assert seen["cwd"] == str(room.workspace)
    assert set(seen["env"]) - {"LC_CTYPE"} == {
        "PATH", "LANG", "TERM", "TMPDIR", "HOME", "SPS_RUN", "PLACE", "GIVEN_KEY", "FROM_JOB",
    }  # fmt: skip
    assert seen["env"]["HOME"] == home
    assert seen["env"]["PLACE"] == f"{home}/place"
    assert seen["env"]["SPS_RUN"] == room.tag
    assert stat.S_IMODE(os.stat(home).st_mode) == 0o700


def test_files_of_the_kind_lie_in_the_home(room: Room) -> None:
    report = room.run("read", "~/.agent/rc", kind_files={".agent/rc": "home={home}"})
    assert report.text == f"home={room.run_dir}/home"


@pytest.mark.parametrize("name", ["../out", "/etc/x", "a/../../out", "."])
def test_files_of_the_kind_stay_in_the_home(room: Room, name: str) -> None:
    with pytest.raises(Misuse) as caught:
        room.run("echo", kind_files={name: ""})
    assert caught.value.code == "bad-agent-file"
    assert not (room.run_dir / "out").exists()


def test_mode_and_options_are_set(room: Room) -> None:
    report = room.run(
        "settings", kind_mode="default", kind_options={"web": "false", "model": "large"}
    )
    assert report.text == "mode=default web=False model='large'"


@pytest.mark.parametrize("behaviour", ["settings", "stubborn"])
def test_nothing_is_asked_of_an_agent_without_the_mode_of_its_entry(
    room: Room, behaviour: str
) -> None:
    mode = {"settings": "careful", "stubborn": "default"}[behaviour]
    report = room.run(behaviour, kind_mode=mode)
    assert (report.outcome, report.code) == (Outcome.MISSING, "agent-misconfigured")
    assert report.detail == (
        f"polite has no mode {mode}; it offers auto, default. `mode` of polite in agents.yaml has"
        " to name what it offers"
    )
    assert (report.next, report.text) == (f"${{EDITOR:-vi}} {room.entries}", "")
    assert '"prompt"' not in room.transcript()


def test_resumed_session_does_not_repeat_its_past(room: Room) -> None:
    report = room.run("resume", session_id="s-0")
    assert (report.session_id, room.listener.sessions) == ("s-0", ["s-0"])
    assert room.listener.words == []


def test_session_that_cannot_be_resumed_is_begun_anew(room: Room) -> None:
    report = room.run("resume", session_id="lost")
    assert (report.outcome, report.session_id) == (Outcome.ENDED, "s-1")
    assert "session lost could not be resumed" in room.transcript()
    assert room.listener.tools == []


def test_permission_inside_the_workspace_is_given_and_told(room: Room) -> None:
    report = room.run("permitted")
    assert json.loads(report.text) == {"outcome": {"outcome": "selected", "optionId": "allow_once"}}
    (told,) = room.listener.permissions
    assert (told.tool, told.decision, told.rule) == ("edit", "allow", "change-inside")
    assert told.path == str(room.workspace / "new.txt")


def test_permission_counts_what_its_tool_call_announced(room: Room) -> None:
    room.run("announced", "/etc/passwd")
    (told,) = room.listener.permissions
    assert (told.tool, told.decision, told.rule) == ("edit", "reject", "change-outside")


def test_files_are_offered_to_kinds_that_want_them(room: Room) -> None:
    assert json.loads(room.run("files", kind_fs=True).text) == {"content": "2\n"}
    assert (room.workspace / "a/b.txt").read_text() == "1\n2\n3\n"


def test_files_are_not_offered_to_others(room: Room) -> None:
    assert json.loads(room.run("files").text)["code"] == -32601
    assert list(room.workspace.iterdir()) == []


@pytest.mark.parametrize(
    "reason, outcome",
    [
        ("refusal", Outcome.REFUSED),
        ("cancelled", Outcome.FAILED),  # nobody had asked it to
        ("max_tokens", Outcome.FAILED),
        ("max_turn_requests", Outcome.FAILED),
        ("nonsense", Outcome.PROTOCOL),
    ],
)
def test_stop_reasons(room: Room, reason: str, outcome: Outcome) -> None:
    assert room.run("stop", reason).outcome is outcome


def test_agent_that_gives_up_over_a_refusal_is_told_to_do_without(room: Room) -> None:
    report = room.run("touchy", "2")
    assert (report.outcome, report.text) == (Outcome.ENDED, "without it, then")
    assert [told.decision for told in room.listener.permissions] == ["reject"] * 2
    assert room.transcript().count("change-outside (/etc/passwd)") == 2


def test_agent_that_gives_up_over_every_refusal_has_failed(room: Room) -> None:
    assert room.run("touchy", "99").outcome is Outcome.FAILED
    assert len(room.listener.permissions) == 6


def test_failure_that_the_agent_admits(room: Room) -> None:
    report = room.run(kind_command=SCRIPTED, prompt="```sh\nexit 3\n```\n")
    assert report.outcome is Outcome.FAILED
    assert "block at line 1" in report.detail


@pytest.mark.parametrize(
    "fault, outcome",
    [
        ("refuse", Outcome.REFUSED),
        ("crash", Outcome.CRASHED),
        ("garbage", Outcome.PROTOCOL),
        ("flood", Outcome.FLOOD),
    ],
)
def test_faults_of_the_scripted_agent(room: Room, fault: str, outcome: Outcome) -> None:
    report = room.run(kind_command=SCRIPTED, prompt=f"```fail\n{fault}\n```\n")
    assert report.outcome is outcome


@pytest.mark.parametrize(
    "behaviour, left",
    [(("spend", "5001"), BudgetLeft(tokens=5000)), (("cost", "1.5"), BudgetLeft(usd=1.0))],
)
def test_budget_cancels_the_turn(room: Room, behaviour: tuple[str, str], left: BudgetLeft) -> None:
    report = room.run(*behaviour, budget=left)
    assert report.outcome is Outcome.BUDGET
    assert "were left" in report.detail


def test_budget_of_time(room: Room) -> None:
    left = BudgetLeft(seconds=90.0)
    report = room.run_late(
        "wait", until="busy", jump=100.0, budget=left, timeout=5000.0, idle_timeout=5000.0
    )
    assert report.outcome is Outcome.BUDGET
    assert (room.workspace / "cancelled.txt").read_text() == "yes"


def test_timeout_of_the_stage_cancels_before_it_kills(room: Room) -> None:
    report = room.run_late("wait", until="busy", jump=100.0, timeout=90.0, idle_timeout=5000.0)
    assert report.outcome is Outcome.TIMEOUT
    assert (room.workspace / "cancelled.txt").read_text() == "yes"


def test_cancellation_cancels_the_session_and_leaves_nothing(room: Room) -> None:
    async def scenario() -> None:
        task = asyncio.create_task(room.agents.run(room.job("wait"), room.listener))
        await asyncio.wait_for(room.listener.busy.wait(), 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        room.assert_empty()

    asyncio.run(scenario())
    assert (room.workspace / "cancelled.txt").read_text() == "yes"


def test_impatient_cancellation_leaves_nothing_either(room: Room) -> None:
    async def scenario() -> None:
        task = asyncio.create_task(room.agents.run(room.job("wait"), room.listener))
        await asyncio.wait_for(room.listener.busy.wait(), 30)
        while not task.done():
            task.cancel()
            await asyncio.sleep(0)
        room.assert_empty()

    asyncio.run(scenario())


def test_missing_program_names_its_install_command(room: Room) -> None:
    report = room.run(kind_command=("no-such-agent", "--acp"), kind_install="get no-such-agent")
    assert (report.outcome, report.next) == (Outcome.MISSING, "get no-such-agent")
    assert (
        report.detail
        == "no-such-agent was not found in the PATH that this process of sps was started with"
    )


def test_program_that_lacks_its_interpreter_is_missing(room: Room, tmp_path: Path) -> None:
    program = tmp_path / "agent"
    program.write_text("#!/usr/bin/env no-such-interpreter\n")
    program.chmod(0o755)
    report = room.run(kind_command=(str(program),), kind_install="get it")
    assert report.outcome is Outcome.MISSING
    assert "no-such-interpreter" in report.detail


def test_lost_workspace_is_no_missing_agent(room: Room) -> None:
    room.workspace.rmdir()
    with pytest.raises(WorkFailed):
        room.run("echo")


@pytest.mark.needs("bwrap")
def test_sandboxed_agent_reaches_its_own_host_and_nothing_else(room: Room) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"got " + await reader.readline())
        writer.close()

    async def scenario() -> tuple[str, str]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        other = await asyncio.start_server(serve, "127.0.0.1", 0)
        closed = other.sockets[0].getsockname()[1]
        texts = []
        for wanted in (port, closed):
            job = room.job(
                "endpoint",
                str(wanted),
                sandbox=SandboxMode.AUTO,
                kind_hosts=(f"127.0.0.1:{port}",),
            )
            report = await room.agents.run(job, room.listener)
            texts.append(report.text or report.detail)
        server.close()
        other.close()
        return texts[0], texts[1]

    reached, refused = asyncio.run(scenario())
    assert reached == "got hello\n"
    assert "Connection refused" in refused


@pytest.mark.parametrize("host", ["https://a:1", "a", "a:1/x", "u@a:1", "*.a:1", "a:0", "ä:1"])
@pytest.mark.parametrize("where", ["kind_hosts", "allow"])
def test_host_has_one_form(room: Room, host: str, where: str) -> None:
    with pytest.raises(Misuse) as caught:
        room.run("echo", **{where: (host,)})
    assert caught.value.code == "bad-host"


def test_address_in_the_owners_variable_is_reached(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = room.job("echo", kind_base_urls=("A_URL", "B_URL", "C_URL"), allow=("b.example:443",))
    for name, address in (("A_URL", "http://127.0.0.1:8/v1"), ("B_URL", "https://B.example")):
        monkeypatch.setenv(name, address)
    assert places(job) == (Destination("b.example", 443), Destination("127.0.0.1", 8))
    monkeypatch.setenv("C_URL", "file:///etc/passwd")
    with pytest.raises(Misuse, match="C_URL is set to something that is no http"):
        places(job)


def test_job_values_are_not_changed(room: Room) -> None:
    job = room.job("echo")
    before = msgspec.json.encode(job)
    asyncio.run(room.agents.run(job, room.listener))
    assert msgspec.json.encode(job) == before
    assert proctree.tagged("SPS_RUN", room.tag) == {}


GUARDED = {"kind_keys": ("POLITE_KEY",), "kind_auth_methods": ("absent", "first", "second")}


def test_agent_that_wants_to_be_shown_its_key_is(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLITE_KEY", "a-key-of-its-owner")
    report = room.run("guarded", "second", **GUARDED)
    assert (report.outcome, report.text) == (Outcome.ENDED, "first second")
    assert "first was refused" in room.transcript()


def test_agent_that_takes_no_key_by_any_way_of_its_entry_wants_a_login(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLITE_KEY", "a-key-of-its-owner")
    report = room.run("guarded", "browser", **GUARDED)
    assert report.outcome is Outcome.LOGIN
    assert (report.detail, report.next) == ("Authentication required", "sps agent login polite")


def test_entry_whose_ways_to_take_a_key_the_agent_does_not_have_is_told_of_those_it_has(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLITE_KEY", "a-key-of-its-owner")
    report = room.run("guarded", "second", **{**GUARDED, "kind_auth_methods": ("api-key",)})
    assert (report.code, report.next) == ("agent-misconfigured", f"${{EDITOR:-vi}} {room.entries}")
    assert report.detail == (
        "polite has no way to take a key named api-key; it offers browser, first, second."
        " `auth_methods` of polite in agents.yaml has to name what it offers"
    )
    report = room.run("guarded", "second", **{**GUARDED, "kind_auth_methods": ()})
    assert report.code == "login-required"
    assert "the ways browser, first, second, and `auth_methods` of polite" in report.detail


def test_key_that_the_vendor_refuses_is_to_be_replaced(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLITE_KEY", "a-key-of-its-owner")
    report = room.run("unwelcome", "unexpected status 401 Unauthorized", kind_keys=("POLITE_KEY",))
    assert (report.outcome, report.code) == (Outcome.LOGIN, "login-refused")
    assert report.detail.startswith("the vendor refused the key or login (401): Internal error: ")
    assert report.detail.endswith(
        "the key came from the environment (POLITE_KEY), which counts before a kept one: set it"
        " rightly or unset it, and start a daemon again without it"
    )
    assert report.next == "unset POLITE_KEY"


@pytest.mark.needs("bwrap")
@pytest.mark.parametrize(
    "listed, asked, code, says",
    [
        ("vendor.invalid:443", "vendor.invalid:443", "vendor-unreachable", "could not reach v"),
        ("vendor.invalid:443", "other.invalid:443", "agent-misconfigured", "`hosts` of polite"),
        ("127.0.0.1:{closed}", "127.0.0.1:{closed}", "vendor-unreachable", "Connection refused"),
    ],
)
def test_failure_for_want_of_a_host_is_not_the_agents(
    room: Room, listed: str, asked: str, code: str, says: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    names = [text.replace("{closed}", str(closed)) for text in (listed, asked)]
    report = room.run(
        "tunnel", names[1], sandbox=SandboxMode.AUTO, kind_hosts=(names[0], "127.0.0.1:9")
    )
    assert report.code == code
    assert names[1] in report.detail
    assert says in report.detail
    assert report.detail.endswith("; Internal error: stream disconnected")
    failure = {"vendor-unreachable": FailureKind.INFRASTRUCTURE}.get(code, FailureKind.HUMAN)
    assert FAILURES[report.outcome] is failure


@pytest.mark.needs("bwrap")
@pytest.mark.parametrize(
    "hosts, code", [((), "agent-misconfigured"), (("127.0.0.1:8099",), "failed")]
)
def test_place_on_this_machine_that_is_left_out_is_named(
    room: Room, hosts: tuple[str, ...], code: str
) -> None:
    says = "error sending request for url (http://127.0.0.1:8099/v1/responses)"
    report = room.run("unwelcome", says, sandbox=SandboxMode.AUTO, kind_hosts=hosts)
    assert report.code == code
    named = "polite asked for 127.0.0.1:8099, which `hosts` of polite in agents.yaml does not name"
    assert report.detail.startswith(named) is (code == "agent-misconfigured")
    assert (report.next == f"${{EDITOR:-vi}} {room.entries}") is (code == "agent-misconfigured")


@pytest.mark.needs("bwrap")
def test_host_that_was_reached_at_last_is_not_to_blame(room: Room) -> None:
    with tcp() as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
        with echo(server):
            report = room.run("tunnel", place, sandbox=SandboxMode.AUTO, kind_hosts=(place,))
            assert report.code == "failed"
            both = f"{place},other.invalid:443"
            report = room.run("tunnel", both, sandbox=SandboxMode.AUTO, kind_hosts=(place,))
    assert report.code == "failed"
    assert "asked for other.invalid:443, which `hosts` of polite" in report.detail


def test_way_to_take_a_key_is_left_alone_where_the_login_is_a_file(room: Room) -> None:
    entry = {**GUARDED, "kind_login_files": (".polite/auth.json",)}
    kept = room.logins.folder(room.job("guarded", **entry).kind) / ".polite/auth.json"
    kept.parent.mkdir()
    kept.write_text('{"token": "a-token-of-its-owner"}')
    report = room.run("guarded", "second", **entry)
    assert report.outcome is Outcome.LOGIN
    assert "was refused" not in room.transcript()
