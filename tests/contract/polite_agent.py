"""An agent with manners, standard library only: `polite_agent.py BEHAVIOUR [ARGUMENT]`."""

from __future__ import annotations

import json
import os
import socket
import sys

BEHAVIOUR = sys.argv[1]
ARGUMENT = sys.argv[2] if len(sys.argv) > 2 else ""
MODES = {
    "currentModeId": "auto",
    "availableModes": [{"id": "auto", "name": "Auto"}, {"id": "default", "name": "Default"}],
}
OPTIONS = [
    {"id": "web", "name": "Web", "type": "boolean", "currentValue": True},
    {
        "id": "model",
        "name": "Model",
        "type": "select",
        "currentValue": "small",
        "options": [{"value": "small", "name": "S"}, {"value": "large", "name": "L"}],
    },
]
done: list[str] = []
ids = iter(range(1000, 10_000))


def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def receive():
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


def update(**fields):
    send({"method": "session/update", "params": {"sessionId": "s-1", "update": fields}})


def say(text):
    content = {"type": "text", "text": text}
    update(sessionUpdate="agent_message_chunk", content=content)


def ask(method, **params):
    number = next(ids)
    send({"id": number, "method": method, "params": {"sessionId": "s-1", **params}})
    while True:
        answer = receive()
        if answer.get("id") == number and "method" not in answer:
            return answer


def permission(kind, *paths, title="tool", options=("allow_once", "reject_once"), **call):
    tool = {"toolCallId": "p-1", "title": title, "kind": kind, **call}
    if paths:
        tool["locations"] = [{"path": path} for path in paths]
    offered = [{"optionId": name, "name": name, "kind": name} for name in options]
    return ask("session/request_permission", toolCall=tool, options=offered)


def wait_for_cancel():
    while receive().get("method") != "session/cancel":
        pass


def work(prompt):
    """Return the result of a prompt."""
    if BEHAVIOUR == "echo":
        say("you ")
        say("said: ")
        update(
            sessionUpdate="tool_call", toolCallId="c-1", title="look", kind="read", status="pending"
        )
        update(sessionUpdate="tool_call_update", toolCallId="c-1", status="in_progress")
        update(sessionUpdate="tool_call_update", toolCallId="c-1", status="completed")
        say(prompt)
        usage = {"totalTokens": 30, "inputTokens": 20, "outputTokens": 10}
        return {"stopReason": "end_turn", "usage": usage}
    if BEHAVIOUR == "environment":
        say(json.dumps({"env": dict(os.environ), "cwd": os.getcwd()}))
    if BEHAVIOUR == "read":
        with open(os.path.expanduser(ARGUMENT)) as file:
            say(file.read())
    if BEHAVIOUR == "settings":
        say(" ".join(done))
    if BEHAVIOUR == "permission":
        edit = permission("edit", os.path.join(os.getcwd(), "new.txt"))
        say(json.dumps(edit["result"]))
    if BEHAVIOUR == "announced":
        update(
            sessionUpdate="tool_call", toolCallId="p-1", title="w", kind="edit",
            locations=[{"path": ARGUMENT}],
        )  # fmt: skip
        say(json.dumps(permission(None)["result"]))
    if BEHAVIOUR == "files":
        ask("fs/write_text_file", path=os.path.join(os.getcwd(), "a/b.txt"), content="1\n2\n3\n")
        got = ask("fs/read_text_file", path=os.path.join(os.getcwd(), "a/b.txt"), line=2, limit=1)
        say(json.dumps(got.get("result") or got.get("error")))
    if BEHAVIOUR == "stop":
        return {"stopReason": ARGUMENT}
    if BEHAVIOUR == "spend":
        update(sessionUpdate="usage_update", used=int(ARGUMENT), size=10**6)
        wait_for_cancel()
        return {"stopReason": "cancelled"}
    if BEHAVIOUR == "cost":
        cost = {"amount": float(ARGUMENT), "currency": "USD"}
        update(sessionUpdate="usage_update", used=10, size=10**6, cost=cost)
        wait_for_cancel()
        return {"stopReason": "cancelled"}
    if BEHAVIOUR == "wait":
        say("waiting")
        update(sessionUpdate="tool_call", toolCallId="w", title="w", kind="think", status="pending")
        wait_for_cancel()
        with open("cancelled.txt", "w") as file:
            file.write("yes")
        return {"stopReason": "cancelled"}
    if BEHAVIOUR == "endpoint":
        with socket.create_connection(("127.0.0.1", int(ARGUMENT)), timeout=10) as far:
            far.sendall(b"hello\n")
            far.shutdown(socket.SHUT_WR)
            say(far.makefile().read())
    return {"stopReason": "end_turn"}


def answer(message):
    method, params = message["method"], message.get("params", {})
    if method == "initialize":
        return {"protocolVersion": 1, "agentCapabilities": {"loadSession": BEHAVIOUR == "resume"}}
    if method == "session/new":
        return {"sessionId": "s-1", "modes": MODES, "configOptions": OPTIONS}
    if method == "session/load":
        if params["sessionId"] != "s-0":
            return None
        say("an old message")
        return {}
    if method == "session/set_mode":
        done.append(f"mode={params['modeId']}")
        return {}
    if method == "session/set_config_option":
        done.append(f"{params['configId']}={params['value']!r}")
        return {"configOptions": OPTIONS}
    return work(params["prompt"][0]["text"])


while True:
    request = receive()
    if "id" not in request:
        continue
    result = answer(request)
    if result is None:
        send({"id": request["id"], "error": {"code": -32002, "message": "Resource not found"}})
    else:
        send({"id": request["id"], "result": result})
