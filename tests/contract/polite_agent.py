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


def echo(prompt):
    say("you ")
    say("said: ")
    call = {"toolCallId": "c-1"}
    update(sessionUpdate="tool_call", title="look", kind="read", status="pending", **call)
    update(sessionUpdate="tool_call_update", status="in_progress", **call)
    update(sessionUpdate="tool_call_update", status="completed", **call)
    say(prompt)
    usage = {"totalTokens": 30, "inputTokens": 20, "outputTokens": 10}
    return {"stopReason": "end_turn", "usage": usage}


def warn(prompt):
    """Say something of its own first, as some agents do: apart by an id, or by another update."""
    warning = {"type": "text", "text": "a warning of http://a/b"}
    update(sessionUpdate="agent_message_chunk", content=warning, messageId="m-1")
    for piece in ("I look", " first."):
        content = {"type": "text", "text": piece}
        update(sessionUpdate="agent_message_chunk", content=content, messageId="m-2")
    update(sessionUpdate="agent_message_chunk", content=warning)
    update(sessionUpdate="available_commands_update", availableCommands=[])
    say(prompt)


def think(prompt):
    for text in ("Hm", ", so."):
        content = {"type": "text", "text": text}
        update(sessionUpdate="agent_thought_chunk", content=content)
    say(prompt)


def environment(_prompt):
    say(json.dumps({"env": dict(os.environ), "cwd": os.getcwd()}))


def read(_prompt):
    with open(os.path.expanduser(ARGUMENT)) as file:
        say(file.read())


def settings(_prompt):
    say(" ".join(done))


def permitted(_prompt):
    edit = permission("edit", os.path.join(os.getcwd(), "new.txt"))
    say(json.dumps(edit["result"]))


def announced(_prompt):
    place = [{"path": ARGUMENT}]
    update(sessionUpdate="tool_call", toolCallId="p-1", title="w", kind="edit", locations=place)
    say(json.dumps(permission(None)["result"]))


def files(_prompt):
    path = os.path.join(os.getcwd(), "a/b.txt")
    ask("fs/write_text_file", path=path, content="1\n2\n3\n")
    got = ask("fs/read_text_file", path=path, line=2, limit=1)
    say(json.dumps(got.get("result") or got.get("error")))


def stop(_prompt):
    return {"stopReason": ARGUMENT}


def touchy(_prompt):
    """Give up a turn over a refusal, as often as the argument says."""
    if len(done) == int(ARGUMENT):
        say("without it, then")
        return {"stopReason": "end_turn"}
    done.append("asked")
    permission("edit", "/etc/passwd")
    return {"stopReason": "cancelled"}


def spend(_prompt):
    update(sessionUpdate="usage_update", used=int(ARGUMENT), size=10**6)
    wait_for_cancel()
    return {"stopReason": "cancelled"}


def cost(_prompt):
    money = {"amount": float(ARGUMENT), "currency": "USD"}
    update(sessionUpdate="usage_update", used=10, size=10**6, cost=money)
    wait_for_cancel()
    return {"stopReason": "cancelled"}


def wait(_prompt):
    say("waiting")
    update(sessionUpdate="tool_call", toolCallId="w", title="w", kind="think", status="pending")
    wait_for_cancel()
    with open("cancelled.txt", "w") as file:
        file.write("yes")
    return {"stopReason": "cancelled"}


def endpoint(_prompt):
    with socket.create_connection(("127.0.0.1", int(ARGUMENT)), timeout=10) as far:
        far.sendall(b"hello\n")
        far.shutdown(socket.SHUT_WR)
        say(far.makefile().read())


def tunnel(_prompt):
    """Ask the proxy for each place of the argument, then fail whatever came of it."""
    port = int(os.environ["HTTPS_PROXY"].rpartition(":")[2])
    for place in ARGUMENT.split(","):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as far:
            far.sendall(f"CONNECT {place} HTTP/1.1\r\n\r\n".encode())
            far.recv(1000)
    raise RuntimeError("stream disconnected")


def unwelcome(_prompt):
    raise RuntimeError(ARGUMENT)


def stubborn(_prompt):
    """It keeps its mode."""


def guarded(_prompt):
    say(" ".join(done))


def resume(_prompt):
    """Nothing more than its session."""


def guard(method, params):
    """Open to who has shown the key by the method of the argument."""
    if method == "authenticate":
        done.append(params["methodId"])
        right = params["methodId"] == ARGUMENT and "POLITE_KEY" in os.environ
        return {} if right else None
    if ARGUMENT not in done:
        raise PermissionError
    return {"sessionId": "s-1"}


def answer(message):
    method, params = message["method"], message.get("params", {})
    if BEHAVIOUR == "guarded" and method in ("authenticate", "session/new"):
        return guard(method, params)
    if method == "initialize":
        return {
            "protocolVersion": 1,
            "agentCapabilities": {"loadSession": BEHAVIOUR == "resume"},
            "authMethods": [{"id": name, "name": name} for name in ("browser", "first", "second")],
        }
    if method == "session/new":
        return {"sessionId": "s-1", "modes": MODES, "configOptions": OPTIONS}
    if method == "session/load":
        if params["sessionId"] != "s-0":
            return None
        say("an old message")
        return {}
    if method == "session/set_mode" and BEHAVIOUR == "stubborn":
        return None
    if method == "session/set_mode":
        done.append(f"mode={params['modeId']}")
        return {}
    if method == "session/set_config_option":
        done.append(f"{params['configId']}={params['value']!r}")
        return {"configOptions": OPTIONS}
    return globals()[BEHAVIOUR](params["prompt"][0]["text"]) or {"stopReason": "end_turn"}


while True:
    request = receive()
    if "id" not in request:
        continue
    try:
        result = answer(request)
    except PermissionError:
        says = {"code": -32000, "message": "Authentication required"}
        send({"id": request["id"], "error": says})
        continue
    except RuntimeError as err:
        says = {"code": -32603, "message": "Internal error", "data": {"message": str(err)}}
        send({"id": request["id"], "error": says})
        continue
    if result is None:
        send({"id": request["id"], "error": {"code": -32002, "message": "Resource not found"}})
    else:
        send({"id": request["id"], "result": result})
