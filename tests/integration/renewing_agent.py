"""An agent with a login that it renews at each session, and that it cannot keep to itself.

Standard library only: `renewing_agent.py PORT`, where the issuer of tokens listens.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request

FILE = os.path.expanduser("~/.renewing/auth.json")
ISSUER = f"http://127.0.0.1:{sys.argv[1]}/"
WHO = ("-c", "user.name=a", "-c", "user.email=a@example.org")


def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def update(**fields):
    send({"method": "session/update", "params": {"sessionId": "s", "update": fields}})


def renew():
    """Exchange the token, which counts once, for the next one, and keep that."""
    with open(FILE) as file:
        token = json.load(file)["token"]
    with urllib.request.urlopen(ISSUER, token.encode(), timeout=20) as answer:
        fresh = answer.read().decode()
    with open(FILE, "w") as file:
        json.dump({"token": fresh}, file)
    return token, fresh


def work(prompt):
    token, fresh = renew()
    name = "one.txt" if "card-one" in prompt else "two.txt"
    with open(name, "w") as file:
        file.write("done\n")
    for words in (token, fresh):
        print(f"debug: Authorization: Bearer {words}", file=sys.stderr, flush=True)
        content = {"type": "text", "text": f"I used {words[:9]}"}
        update(sessionUpdate="agent_message_chunk", content=content)
        update(sessionUpdate="agent_message_chunk", content={**content, "text": words[9:]})
        call = {"toolCallId": words, "title": f"curl {words}", "kind": "execute"}
        update(sessionUpdate="tool_call", status="pending", **call)
        update(sessionUpdate="tool_call_update", status="completed", **call)
    if "leak-in-file" in prompt:
        with open("notes.txt", "w") as file:
            file.write(f"my token was {token}, and now it is {fresh}\n")
    if "leak-in-commit" in prompt:
        with open("config.txt", "w") as file:
            file.write(fresh)
        subprocess.run(["git", "add", "-A"], check=True)
        subprocess.run(
            ["git", *WHO, "commit", "-qm", "work"], check=True, stdout=subprocess.DEVNULL
        )
    time.sleep(0.5)


for line in sys.stdin:
    request = json.loads(line)
    method = request.get("method")
    if "id" not in request:
        continue
    result = {}
    if method == "initialize":
        result = {"protocolVersion": 1, "agentCapabilities": {}}
    elif method == "session/new":
        result = {"sessionId": "s"}
    elif method == "session/prompt":
        work(request["params"]["prompt"][0]["text"])
        result = {"stopReason": "end_turn"}
    send({"id": request["id"], "result": result})
