"""An agent that this program has never heard of works by the command that starts it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from sps.model.card import CardState
from sps.model.event import EventKind
from tests.agents.place import Place

pytestmark = pytest.mark.needs("bwrap", "git")

_AGENT = """\
#!{python}
import json, sys

def send(message):
    print(json.dumps({{"jsonrpc": "2.0", **message}}), flush=True)

assert sys.argv[1:] == ["serve", "--acp"]
for line in sys.stdin:
    asked = json.loads(line)
    method, answer = asked.get("method"), {{}}
    if method == "initialize":
        answer = {{"protocolVersion": 1, "agentCapabilities": {{}}}}
    elif method == "session/new":
        answer = {{"sessionId": "mine"}}
    elif method == "session/prompt":
        call = {{"toolCallId": "1", "title": "write", "kind": "edit",
                "locations": [{{"path": "greeting.txt"}}]}}
        options = [{{"optionId": "yes", "name": "Yes", "kind": "allow_once"}}]
        send({{"id": 1, "method": "session/request_permission",
              "params": {{"sessionId": "mine", "toolCall": call, "options": options}}}})
        if json.loads(sys.stdin.readline())["result"]["outcome"].get("optionId") == "yes":
            open("greeting.txt", "w").write("hello from mine\\n")
        answer = {{"stopReason": "end_turn"}}
    if "id" in asked:
        send({{"id": asked["id"], "result": answer}})
"""


def test_added_agent_takes_a_card_to_the_owners_branch(place: Place, tmp_path: Path) -> None:
    program = tmp_path / "opt" / "mine" / "bin" / "my-agent"
    program.parent.mkdir(parents=True)
    program.write_text(_AGENT.format(python=sys.executable))
    program.chmod(0o755)
    added = json.loads(
        place.sps("agent", "add", "mine", "--json", "--", str(program), "serve", "--acp")
    )
    assert (added["name"], added["ok"], added["logged_in"]) == ("mine", True, True)
    place.join("mine")
    seq = place.add("Greet", "Write a greeting.")
    place.work()

    assert place.card(seq).state is CardState.DONE
    assert (place.repo / "greeting.txt").read_text() == "hello from mine\n"
    assert place.trailers()["Agent"] == "mine"
    [asked] = place.events(seq, EventKind.RUN_PERMISSION)
    assert (asked.payload["tool"], asked.payload["decision"]) == ("edit", "allow")
