"""An agent whose quota is used up the first time it is asked in its HOME; then it works.

Standard library only: `poor_agent.py SECONDS`, until there is quota again. Its session offers a
choice of model and effort; what was chosen it writes into model.txt.
"""

from __future__ import annotations

import json
import os
import sys

BEEN = os.path.expanduser("~/been")
LIMIT = f"Rate limit exceeded, retry after {sys.argv[1]} seconds"
CHOSEN = {"model": "small", "thought": "low"}
OFFERED = {"model": ("model", ["small", "large"]), "thought": ("thought_level", ["low", "high"])}


def send(message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def options():
    return [
        {
            "id": name,
            "name": name,
            "type": "select",
            "category": category,
            "currentValue": CHOSEN[name],
            "options": [{"value": value, "name": value} for value in values],
        }
        for name, (category, values) in OFFERED.items()
    ]


def answer(asked):
    method, params = asked.get("method"), asked.get("params", {})
    if method == "initialize":
        return {"result": {"protocolVersion": 1, "agentCapabilities": {}}}
    if method == "session/new":
        return {"result": {"sessionId": "s", "configOptions": options()}}
    if method == "session/set_config_option":
        CHOSEN[params["configId"]] = params["value"]
        return {"result": {"configOptions": options()}}
    if not os.path.exists(BEEN):
        with open(BEEN, "w"):
            pass
        return {"error": {"code": -32603, "message": LIMIT}}
    with open("model.txt", "w") as file:
        file.write(f"{CHOSEN['model']} {CHOSEN['thought']}\n")
    return {"result": {"stopReason": "end_turn"}}


for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        send({"id": request["id"], **answer(request)})
