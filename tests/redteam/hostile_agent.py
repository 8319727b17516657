"""Agents that nobody should meet, standard library only: `hostile_agent.py BEHAVIOUR [WORD]`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

BEHAVIOUR = sys.argv[1]
ARGUMENT = sys.argv[2] if len(sys.argv) > 2 else ""
LONG = 600.0
DEEP = b"[" * 100_000


def raw(data):
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def send(message):
    raw(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def say(text):
    content = {"type": "text", "text": text}
    update = {"sessionUpdate": "agent_message_chunk", "content": content}
    send({"method": "session/update", "params": {"sessionId": "s", "update": update}})


def receive():
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


def ask(number, method, params):
    send({"id": number, "method": method, "params": params})
    while True:
        answer = receive()
        if answer.get("id") == number:
            return answer


def permission(number, call, kinds=("allow_once", "reject_once")):
    options = [{"optionId": kind, "name": kind, "kind": kind} for kind in kinds]
    params = {"sessionId": "s", "toolCall": {"toolCallId": "t", **call}, "options": options}
    answer = ask(number, "session/request_permission", params)
    return answer.get("result", {}).get("outcome", {}).get("optionId", "none")


def hang():
    time.sleep(LONG)
    sys.exit(1)


def garbage():
    while True:
        raw(b"this is \x00 no JSON\n")


def not_objects():
    while True:
        raw(b'42\n[1, 2]\n"text"\nnull\ntrue\n')


def invalid_utf8():
    while True:
        raw(b'{"jsonrpc": "2.0", "method": "a\xff\xfe"}\n')


def some_garbage():
    junk = [
        b"no JSON", b"42", b"[1,2]", b"null", b"\xff\xfe", DEEP, b'{"id": [1]}', b'{"id": {}}',
        b'{"id": 0, "error": "text"}', b'{"id": true, "result": {}}', b'{"method": 7, "id": 1}',
        b'{"method": ["a"], "id": 1}', b'{"jsonrpc": "2.0"}', b'{"id": null}', b"", b"\x00",
        b'{"method": "session/update"}', b'{"method": "session/update", "params": 5}',
        b'{"method": "session/update", "params": {"update": {"sessionUpdate": "new_kind"}}}',
        b'{"method": "session/update", "params": {"update": {"sessionUpdate": "tool_call"}}}',
        b'{"method": "session/update", "params": ' + DEEP + b"}",
        b'{"method": "unknown/notification", "params": {}}',
    ]  # fmt: skip
    raw(b"\n".join(junk) + b"\n")
    say("still here")


def huge_frame():
    while True:
        raw(b"x" * 65536)


def huge_valid_frame():
    raw(b'{"jsonrpc":"2.0","method":"session/update","params":{"a":[' + b"{}," * 2_700_000)
    raw(b'{}]}}\n{"jsonrpc":"2.0","method":"session/update","params":{"a":"')
    raw(b"x" * 9 * 1024 * 1024)
    hang()


def frame_flood():
    line = b'{"jsonrpc":"2.0","method":"session/update","params":{}}\n' * 500
    while True:
        raw(line)


def newline_flood():
    while True:
        raw(b"\n" * 65536)


def byte_flood():
    text = json.dumps("x" * 4 * 1024 * 1024).encode()
    while True:
        raw(b'{"jsonrpc":"2.0","method":"a","params":[' + text + b"]}\n")


def method_flood():
    for number in range(10**9):
        send({"id": number, "method": "fs/read_text_file", "params": {"path": "big.txt"}})


def tool_flood():
    for number in range(10**9):
        update = {"sessionUpdate": "tool_call", "toolCallId": str(number), "title": "t"}
        send({"method": "session/update", "params": {"sessionId": "s", "update": update}})
        if number % 900 == 0:
            time.sleep(0.05)


def stderr_flood():
    block = b"noise \x1b[31m" * 8192
    for _ in range(100 * 1024 * 1024 // len(block)):
        os.write(2, block)
    say("done")


def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    say("never")
    while True:
        time.sleep(1)


def grandchildren():
    sleep = ["/bin/sleep", str(int(LONG))]
    subprocess.Popen(sleep, start_new_session=True)
    subprocess.Popen(sleep, start_new_session=True, stdout=subprocess.DEVNULL)
    subprocess.Popen(["/bin/sh", "-c", "trap '' TERM; /bin/sleep 600 & wait"], process_group=0)
    if ARGUMENT == "die":
        os.kill(os.getpid(), signal.SIGKILL)


def odd_permissions():
    here, home = os.getcwd(), os.path.expanduser("~")
    os.symlink("/etc", os.path.join(here, "link"))
    calls = [
        {"kind": "readwrite"}, {"kind": "Search;rm"}, {}, {"kind": None}, {"kind": "other"},
        {"kind": "EDIT", "locations": [{"path": here}]}, {"kind": "switch_mode"}, {"kind": "fetch"},
        {"kind": ["edit"]}, {"kind": "edit"}, {"kind": "edit", "locations": []},
        {"kind": "edit", "locations": [{"path": "/etc/passwd"}]},
        {"kind": "edit", "locations": [{"path": f"{here}/../x"}]},
        {"kind": "edit", "locations": [{"path": f"{here}/link/passwd"}]},
        {"kind": "edit", "locations": [{"path": f"{here}-sibling/x"}]},
        {"kind": "edit", "locations": [{"path": f"{here}/ok"}, {"path": "/etc/passwd"}]},
        {"kind": "edit", "locations": [{"path": f"{here}/ok"}, {"path": 7}]},
        {"kind": "edit", "locations": [{"path": f"{here}/a\0b"}]},
        {"kind": "edit", "locations": [{"path": f"{home}/.profile"}]},
        {"kind": "edit", "locations": "everywhere"},
        {"kind": "delete", "content": [{"type": "diff", "path": "/etc/x", "newText": ""}]},
        {"kind": "move", "locations": [{"path": f"{here}/ok"}],
         "rawInput": {"old_path": [" ", "/etc/x"]}},
        {"kind": "read", "locations": [{"path": "/home/someone/.ssh/id_rsa"}]},
        {"kind": "execute", "locations": [{"path": "/"}]},
        {"kind": "edit", "locations": [{"path": f"{here}/{n}"} for n in range(201)]},
    ]  # fmt: skip
    answers = [permission(n, {"title": "\x1b]0;x\x07t", **call}) for n, call in enumerate(calls)]
    answers.append(permission(900, {"kind": "think"}, kinds=("allow_forever", "ALLOW_ONCE")))
    answers.append(ask(901, "session/request_permission", {"options": 5}).get("result", "none"))
    say(json.dumps(answers))


def host_files():
    here = os.getcwd()
    os.symlink("/etc/passwd", f"{here}/link")
    os.symlink("/etc", f"{here}/folder")
    os.mkfifo(f"{here}/pipe")
    reads = ["/etc/passwd", "../../../../etc/passwd", f"{here}/link", f"{here}/folder/passwd",
             f"{here}/pipe", here, "", "a\0b", "/proc/self/environ", f"{here}/sparse"]  # fmt: skip
    with open(f"{here}/sparse", "wb") as file:
        file.truncate(9 * 1024 * 1024)
    answers = [ask(n, "fs/read_text_file", {"path": path}) for n, path in enumerate(reads)]
    writes = ["/tmp/sps-hostile", "../out", f"{here}/link", f"{here}/folder/out", f"{here}/pipe"]
    answers += [
        ask(100 + n, "fs/write_text_file", {"path": path, "content": "x"})
        for n, path in enumerate(writes)
    ]
    say(json.dumps(["error" in answer for answer in answers]))


def terminals():
    methods = ["terminal/create", "terminal/output", "_vendor/exec", "session/prompt", "eval"]
    answers = [ask(n, method, {"command": "id"}) for n, method in enumerate(methods)]
    say(json.dumps([answer["error"]["code"] for answer in answers]))


def never_ending():
    while True:
        say(".")
        time.sleep(0.02)


def two_words():
    """A turn that changes its mind about its session, its tools and its money."""
    for used in (-5, 10**30, 0.5, "many", None):
        update = {"sessionUpdate": "usage_update", "used": used, "cost": {"amount": used}}
        send({"method": "session/update", "params": {"sessionId": "other", "update": update}})
    for status in ("completed", "failed", "completed", "pending", "\x1b[2J"):
        update = {"sessionUpdate": "tool_call_update", "toolCallId": "x", "status": status}
        send({"method": "session/update", "params": {"sessionId": "s", "update": update}})


def error(code, message, data=None):
    return {"error": {"code": code, "message": message, "data": data}}


ERRORS = {
    "login": error(-32000, "Authentication required", {"authMethods": []}),
    "limit": error(-32603, "Internal error", {"details": "429 rate limit; retry after 90 seconds"}),
    "broken-error": {"error": {"code": "many", "message": 5}},
}


def work(number):
    """Misbehave; what is returned is the answer to the prompt."""
    if BEHAVIOUR in ERRORS:
        return ERRORS[BEHAVIOUR]
    if BEHAVIOUR == "exit-0":
        sys.exit(0)
    if BEHAVIOUR == "close-output":
        os.close(1)
        hang()
    if BEHAVIOUR == "hang-prompt":
        hang()
    if BEHAVIOUR == "answers":
        for wrong in (number + 1, 10**30, -1, "x", number - 1, None):
            send({"id": wrong, "result": {"stopReason": "end_turn"}})
        send({"id": number, "result": {"stopReason": "end_turn"}})
        return {"result": {"stopReason": "refusal"}}
    if BEHAVIOUR == "deep-answer":
        raw(b'{"id": %d, "result": %s}\n' % (number, DEEP + b"]" * len(DEEP)))
        return {"result": {"stopReason": "end_turn", "usage": {"totalTokens": -5}}}
    globals()[BEHAVIOUR.replace("-", "_")]()
    return {"result": {"stopReason": "end_turn"}}


def answer(number, method):
    if method == "initialize":
        return {"result": {"protocolVersion": 99 if BEHAVIOUR == "wrong-version" else 1}}
    if method != "session/new":
        return work(number)
    if BEHAVIOUR == "login-at-session":
        return ERRORS["login"]
    return {"result": {"sessionId": "s" * 100_000 if BEHAVIOUR == "long-session" else "s"}}


def main():
    if BEHAVIOUR == "dies":
        sys.stderr.write("cannot find my soul\n")
        sys.exit(1)
    if BEHAVIOUR == "hang-start":
        hang()
    while True:
        message = receive()
        if "id" in message:
            send({"id": message["id"], **answer(message["id"], message["method"])})


if __name__ == "__main__":
    main()
