"""The scripted agent from outside: a process that speaks the protocol on its standard streams."""

from __future__ import annotations

import ast
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import sps.scripted

PACKAGE = Path(sps.scripted.__file__).parent
BY_PATH = [sys.executable, "-I", "-S", str(PACKAGE / "__main__.py")]
PATIENCE = 30.0  # seconds; only a bug waits that long

Message = dict[str, Any]


class Client:
    """Starts the agent, answers its permission requests, and keeps what it says."""

    def __init__(
        self, cwd: Path, argv: list[str], env: dict[str, str], log: int | None = None
    ) -> None:
        self.cwd = cwd
        self.answer: Callable[[Message], Message | None] = lambda _: _selected("allow")
        self.updates: list[Message] = []
        self.asked: list[Message] = []
        self.process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **env},
        )
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._last_id = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def write(self, message: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def line(self) -> bytes | None:
        return self._lines.get(timeout=PATIENCE)

    def start(self, method: str, params: Message) -> int:
        self._last_id += 1
        self.write({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return self._last_id

    def until(self, done: Callable[[Message], bool]) -> Message:
        """Read on until a message fits, serving the agent's requests on the way."""
        while True:
            line = self.line()
            assert line is not None, "the agent ended"
            message: Message = json.loads(line)
            if message.get("method") == "session/update":
                self.updates.append(message["params"]["update"])
            elif message.get("method") == "session/request_permission":
                self.asked.append(message["params"])
                result = self.answer(message["params"])
                if result is not None:
                    self.write({"jsonrpc": "2.0", "id": message["id"], "result": result})
            if done(message):
                return message

    def call(self, method: str, params: Message) -> Message:
        request = self.start(method, params)
        return self.until(lambda m: m.get("id") == request and "method" not in m)

    def open(self) -> str:
        self.call("initialize", {"protocolVersion": 1})
        made = self.call("session/new", {"cwd": str(self.cwd), "mcpServers": []})
        return str(made["result"]["sessionId"])

    def start_prompt(self, session: str, text: str) -> int:
        prompt = [{"type": "text", "text": text}]
        return self.start("session/prompt", {"sessionId": session, "prompt": prompt})

    def prompt(self, body: str, *, stage: str = "dev", kind: str = "work", attempt: int = 1) -> Any:
        """Open a session and run a card; the answer to the prompt."""
        text = (
            f"You work on a card.\n<<<SPS-CARD 0f stage={stage} kind={kind} attempt={attempt}\n"
            f"{body}\nSPS-CARD 0f>>>\nDo it.\n"
        )
        request = self.start_prompt(self.open(), text)
        return self.until(lambda m: m.get("id") == request and "method" not in m)

    def said(self) -> str:
        chunks = [u for u in self.updates if u["sessionUpdate"] == "agent_message_chunk"]
        return "".join(chunk["content"]["text"] for chunk in chunks)

    def statuses(self) -> list[str]:
        return [u["status"] for u in self.updates if u["sessionUpdate"].startswith("tool_call")]

    def output(self) -> str:
        texts = [
            u["content"][0]["content"]["text"]
            for u in self.updates
            if u.get("content") and u["sessionUpdate"] == "tool_call_update"
        ]
        return "".join(texts)

    def close(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(PATIENCE)


Start = Callable[..., Client]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    clients: list[Client] = []
    cwd = tmp_path / "work"
    cwd.mkdir()

    def begin(argv: list[str] = BY_PATH, *, log: int | None = None, **env: str) -> Client:
        clients.append(Client(cwd, argv, env, log))
        return clients[-1]

    yield begin
    for client in clients:
        client.process.kill()
        client.process.wait()
        for stream in (client.process.stdin, client.process.stdout, client.process.stderr):
            if stream is None:
                continue
            try:
                stream.close()
            except BrokenPipeError:
                continue


@pytest.fixture
def client(start: Start) -> Client:
    return start()


def _selected(option: str) -> Message:
    return {"outcome": {"outcome": "selected", "optionId": option}}


def _failure(answer: Message) -> str:
    assert answer["error"]["code"] == -32000
    assert answer["error"]["data"]["kind"] == "agent-failure"
    return str(answer["error"]["message"])


def _wait_gone(pid: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return
        if state == "Z":
            return
        time.sleep(0.02)
    pytest.fail(f"process {pid} is still there")


def _wait_text(path: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if path.exists() and path.read_text().endswith("\n"):
            return path.read_text()
        time.sleep(0.01)
    pytest.fail(f"{path} was not written")


def test_only_the_standard_library_is_imported() -> None:
    for file in PACKAGE.glob("**/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            for name in names:
                ours = name == "sps.scripted" or name.startswith("sps.scripted.")
                assert ours or name.split(".")[0] in sys.stdlib_module_names, f"{file}: {name}"


@pytest.mark.parametrize("argv", [BY_PATH, [sys.executable, "-m", "sps.scripted"]])
def test_starts_by_path_and_as_module_and_ends_with_its_client(
    start: Start, argv: list[str]
) -> None:
    began = time.perf_counter()
    client = start(argv)
    result = client.call("initialize", {"protocolVersion": 1})["result"]
    print(f"start to initialize: {(time.perf_counter() - began) * 1000:.0f} ms")
    assert result["protocolVersion"] == 1
    assert result["agentInfo"]["name"] == "scripted"
    assert result["authMethods"] == []
    assert client.close() == 0


def test_card_without_blocks_says_so(client: Client) -> None:
    answer = client.prompt("Just words.\n```python\nprint(1)\n```\n")
    assert answer["result"]["stopReason"] == "end_turn"
    assert answer["result"]["usage"] == {"totalTokens": 0, "inputTokens": 0, "outputTokens": 0}
    assert "nothing to do" in client.said()
    assert client.asked == []


def test_prompt_without_markers_is_the_card(client: Client) -> None:
    request = client.start_prompt(client.open(), "```file path=a.txt\nhi\n```\n")
    client.until(lambda m: m.get("id") == request and "method" not in m)
    assert (client.cwd / "a.txt").read_bytes() == b"hi\n"


def test_file_sh_and_say_are_done_in_order(client: Client) -> None:
    answer = client.prompt(
        "```file path=src/deep/x.txt\nüñ\r\n```\n"
        "```sh\ncat src/deep/x.txt; echo err >&2\n```\n"
        "```say\nhello\n```\n"
    )
    assert answer["result"]["stopReason"] == "end_turn"
    assert (client.cwd / "src/deep/x.txt").read_bytes() == "üñ\r\n".encode()
    assert client.statuses() == ["pending", "in_progress", "completed"] * 2
    assert "üñ\r\nerr\n" in client.output()
    assert client.said().startswith("hello\nDone.\n")
    edit, execute = (asked["toolCall"] for asked in client.asked)
    assert (edit["kind"], execute["kind"]) == ("edit", "execute")
    assert edit["locations"] == [{"path": str(client.cwd / "src/deep/x.txt")}]
    assert execute["rawInput"]["command"].startswith("cat ")
    kinds = [option["kind"] for option in client.asked[0]["options"]]
    assert kinds == ["allow_once", "reject_once"]


def test_stage_and_attempt_choose_the_blocks(client: Client) -> None:
    body = (
        "```say attempt=1\nfirst\n```\n```say attempt=2+\nlater\n```\n"
        "```say stage=other\nelsewhere\n```\n"
    )
    client.prompt(body, attempt=2)
    assert client.said() == "later\nDone.\n"


def test_failing_command_fails_the_attempt_and_stops(client: Client) -> None:
    answer = client.prompt("a\n```sh\necho why; exit 3\n```\n```file path=no\n```\n")
    assert _failure(answer) == "block at line 2 failed: the command exited with 3: why"
    assert answer["error"]["data"]["line"] == 2
    assert client.statuses()[-1] == "failed"
    assert not (client.cwd / "no").exists()


def test_bad_attribute_fails_before_anything_is_done(client: Client) -> None:
    answer = client.prompt("```file path=a\n```\n```sh color=red\n```\n")
    assert "line 3" in _failure(answer)
    assert list(client.cwd.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x", "a/../../x", "out/x", "link", ".", "in/.."]
)
def test_path_outside_is_refused_without_asking(client: Client, path: str) -> None:
    outside = client.cwd.parent / "outside"
    outside.mkdir()
    (client.cwd / "out").symlink_to(outside)
    (client.cwd / "link").symlink_to(outside / "y")
    answer = client.prompt(f"```file path={path}\nx\n```\n")
    assert path in _failure(answer)
    assert client.asked == []
    assert client.statuses() == ["pending", "failed"]
    assert list(outside.iterdir()) == []


def test_link_that_stays_inside_is_followed(client: Client) -> None:
    (client.cwd / "real").mkdir()
    (client.cwd / "alias").symlink_to("real")
    assert "result" in client.prompt("```file path=alias/x\nx\n```\n")
    assert (client.cwd / "real/x").read_text() == "x\n"


@pytest.mark.parametrize(
    "outcome", [_selected("reject"), {"outcome": {"outcome": "cancelled"}}, {}]
)
def test_rejected_permission_ends_the_attempt(client: Client, outcome: Message) -> None:
    client.answer = lambda _: outcome
    answer = client.prompt("```sh\ntouch x\n```\n```sh\ntouch y\n```\n")
    assert _failure(answer) == "block at line 1 failed: permission denied"
    assert client.statuses() == ["pending", "failed"]
    assert list(client.cwd.iterdir()) == []


PATCH = "```patch\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n```\n"


def test_patch_is_applied_once_and_then_a_no_op(client: Client) -> None:
    (client.cwd / "x").write_text("a\nb\nc\n")
    assert "result" in client.prompt(PATCH)
    assert "patch: applied" in client.said()
    assert client.asked[0]["toolCall"]["locations"] == [{"path": str(client.cwd / "x")}]
    assert "result" in client.prompt(PATCH)
    assert "already applied" in client.said()
    assert (client.cwd / "x").read_text() == "a\nB\nc\n"


def test_patch_that_does_not_fit_fails_with_the_reason(client: Client) -> None:
    (client.cwd / "x").write_text("other\n")
    assert "patch failed: x:1" in _failure(client.prompt(PATCH))
    assert (client.cwd / "x").read_text() == "other\n"


def test_patch_works_below_the_top_of_another_repository(client: Client) -> None:
    subprocess.run(["git", "init", "-q", str(client.cwd.parent)], check=True)
    (client.cwd / "x").write_text("a\nb\nc\n")
    git_style = PATCH.replace("```patch\n", "```patch\ndiff --git a/x b/x\n")
    assert "result" in client.prompt(git_style)
    assert (client.cwd / "x").read_text() == "a\nB\nc\n"


@pytest.mark.parametrize("path", ["../x", "out/x"])
def test_patch_cannot_leave_the_folder(client: Client, path: str) -> None:
    outside = client.cwd.parent / "outside"
    outside.mkdir()
    (client.cwd / "out").symlink_to(outside)
    new = f"```patch\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n```\n"
    _failure(client.prompt(new))
    assert list(outside.iterdir()) == []
    assert not (client.cwd.parent / "x").exists()


def test_background_process_of_a_command_does_not_outlive_it(client: Client) -> None:
    assert "result" in client.prompt("```sh\nsleep 600 & echo $! > pid\n```\n")
    _wait_gone(int((client.cwd / "pid").read_text()))


def test_cancel_kills_the_running_command_at_once(client: Client) -> None:
    session = client.open()
    body = "```sh\ntrap '' TERM; sleep 600 & echo $$ $! > pids; wait; sleep 600\n```\n"
    request = client.start_prompt(session, body)
    client.until(lambda m: m.get("params", {}).get("update", {}).get("status") == "in_progress")
    pids = [int(pid) for pid in _wait_text(client.cwd / "pids").split()]
    began = time.perf_counter()
    client.write({"jsonrpc": "2.0", "method": "session/cancel", "params": {"sessionId": session}})
    answer = client.until(lambda m: m.get("id") == request and "method" not in m)
    print(f"cancel to answer: {(time.perf_counter() - began) * 1000:.0f} ms")
    assert answer["result"]["stopReason"] == "cancelled"
    assert client.statuses()[-1] == "failed"
    for pid in pids:
        _wait_gone(pid)
    again = client.start_prompt(session, "```say\nback\n```\n")
    answer = client.until(lambda m: m.get("id") == again and "method" not in m)
    assert answer["result"]["stopReason"] == "end_turn"


@pytest.mark.parametrize("body", ["```sleep\n600\n```\n", "```sh\ntrue\n```\n"])
def test_cancel_ends_sleep_and_an_unanswered_permission(client: Client, body: str) -> None:
    client.answer = lambda _: None
    session = client.open()
    request = client.start_prompt(session, "```say\nhere\n```\n" + body)
    client.until(lambda m: m.get("method") == "session/update")
    client.write({"jsonrpc": "2.0", "method": "session/cancel", "params": {"sessionId": session}})
    answer = client.until(lambda m: m.get("id") == request and "method" not in m)
    assert answer["result"]["stopReason"] == "cancelled"


@pytest.mark.parametrize("how", ["close", "terminate"])
def test_end_of_the_agent_ends_its_command(client: Client, how: str) -> None:
    client.start_prompt(client.open(), "```sh\necho $$ > pid; sleep 600\n```\n")
    client.until(lambda m: m.get("params", {}).get("update", {}).get("status") == "in_progress")
    pid = int(_wait_text(client.cwd / "pid"))
    if how == "close":
        assert client.close() == 0
    else:
        client.process.send_signal(signal.SIGTERM)
        assert client.process.wait(PATIENCE) == 128 + signal.SIGTERM
    _wait_gone(pid)


def test_sleep_takes_seconds(client: Client) -> None:
    assert "result" in client.prompt("```sleep\n0.01\n```\n")
    for bad in ("soon", "-1", "nan", "inf", ""):
        assert "sleep: expected" in _failure(client.prompt(f"```sleep\n{bad}\n```\n"))


def test_crash_ends_the_process_with_70(client: Client) -> None:
    client.start_prompt(client.open(), "```fail\ncrash\n```\n")
    assert client.line() is None
    assert client.process.wait(PATIENCE) == 70


def test_refuse_is_a_stop_reason(client: Client) -> None:
    answer = client.prompt("```fail\nrefuse\n```\n```file path=x\n```\n")
    assert answer["result"]["stopReason"] == "refusal"
    assert list(client.cwd.iterdir()) == []


def test_unknown_fault_is_a_failure(client: Client) -> None:
    assert "unknown kind 'explode'" in _failure(client.prompt("```fail\nexplode\n```\n"))


def test_hang_answers_nothing_and_survives_the_end_of_input(start: Start) -> None:
    client = start(log=subprocess.PIPE)
    session = client.open()
    client.start_prompt(session, "```say\nsoon\n```\n```fail\nhang\n```\n")
    client.until(lambda m: m.get("method") == "session/update")
    # Only from here on it hangs: before, it would take the cancellation and the end of its input.
    assert client.process.stderr is not None
    assert client.process.stderr.readline() == b"hangs, as its card says\n"
    client.write({"jsonrpc": "2.0", "method": "session/cancel", "params": {"sessionId": session}})
    assert client.process.stdin is not None
    client.process.stdin.close()
    with pytest.raises(subprocess.TimeoutExpired):
        client.process.wait(0.3)
    client.process.terminate()
    assert client.process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert client.line() is None


def test_garbage_is_not_json_not_objects_and_not_utf8(client: Client) -> None:
    client.start_prompt(client.open(), "```fail\ngarbage\n```\n")
    lines = [client.line() or b"" for _ in range(200)]
    assert b"42\n" in lines
    assert any(line.startswith(b"\xff") for line in lines)
    assert client.process.poll() is None


def test_flood_does_not_end_by_itself(client: Client) -> None:
    client.start_prompt(client.open(), "```fail\nflood\n```\n")
    assert sum(len(client.line() or b"") for _ in range(100)) > 5_000_000
    assert client.process.poll() is None
    client.process.terminate()
    assert client.process.wait(PATIENCE) == 128 + signal.SIGTERM


def test_review_writes_the_verdict_with_its_comments(start: Start, tmp_path: Path) -> None:
    place = tmp_path / "verdict.json"
    client = start(SPS_VERDICT=str(place))
    body = (
        "```sh\ntouch no\n```\n```sh stage=qa\ntouch yes\n```\n```verdict attempt=1\nchanges\n"
        "src/x.py:12: too: slow\n\nin general\n```\n```verdict attempt=2+\napprove\n```\n"
    )
    answer = client.prompt(body, stage="qa", kind="review")
    assert answer["result"]["stopReason"] == "end_turn"
    assert json.loads(place.read_text()) == {
        "verdict": "changes",
        "comments": [
            {"path": "src/x.py", "line": 12, "text": "too: slow"},
            {"path": "", "line": 0, "text": "in general"},
        ],
    }
    assert [path.name for path in client.cwd.iterdir()] == ["yes"]
    client.prompt(body, stage="qa", kind="review", attempt=2)
    assert json.loads(place.read_text()) == {"verdict": "approve", "comments": []}


def test_review_without_a_verdict_block_approves_and_says_so(start: Start, tmp_path: Path) -> None:
    place = tmp_path / "verdict.json"
    client = start(SPS_VERDICT=str(place))
    client.prompt("words", stage="qa", kind="review")
    assert json.loads(place.read_text()) == {"verdict": "approve", "comments": []}
    assert "no verdict block" in client.said()


def test_review_without_a_place_or_a_word_fails(start: Start, tmp_path: Path) -> None:
    client = start(SPS_VERDICT="")
    assert "$SPS_VERDICT is not set" in _failure(client.prompt("words", kind="review"))
    place = tmp_path / "verdict.json"
    client = start(SPS_VERDICT=str(place))
    answer = client.prompt("```verdict\nmaybe\n```\n", kind="review")
    assert "expected approve or changes, got 'maybe'" in _failure(answer)
    assert not place.exists()


def test_loaded_session_goes_on(client: Client) -> None:
    client.call("initialize", {"protocolVersion": 1})
    params = {"sessionId": "old", "cwd": str(client.cwd), "mcpServers": []}
    assert client.call("session/load", params)["result"] == {}
    request = client.start_prompt("old", "```file path=x\n```\n")
    client.until(lambda m: m.get("id") == request and "method" not in m)
    assert (client.cwd / "x").exists()


def test_requests_that_make_no_sense_are_errors_and_the_agent_lives_on(client: Client) -> None:
    assert client.call("session/fly", {})["error"]["code"] == -32601
    assert client.call("session/new", {"cwd": "work"})["error"]["code"] == -32602
    assert client.call("session/new", {"cwd": "/no/such"})["error"]["code"] == -32602
    assert client.call("session/prompt", {"sessionId": "x"})["error"]["code"] == -32602
    client.write([1])
    assert client.until(lambda m: "error" in m)["error"]["code"] == -32600
    client.write({"jsonrpc": "2.0", "id": "odd"})
    assert client.until(lambda m: m.get("id") == "odd")["error"]["code"] == -32600
    client.write({"jsonrpc": "2.0", "method": "session/cancel", "params": {"sessionId": "x"}})
    assert "result" in client.prompt("words")


def test_second_prompt_of_a_busy_session_is_refused(client: Client) -> None:
    session = client.open()
    client.start_prompt(session, "```sleep\n600\n```\n")
    second = client.start_prompt(session, "words")
    answer = client.until(lambda m: m.get("id") == second)
    assert answer["error"]["code"] == -32600
