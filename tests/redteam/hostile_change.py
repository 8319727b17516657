"""A change that waits for a person, with payloads wherever its agent, its gates and its repository
could put them: file names, lines, titles, remarks, the transcript, what a gate said.

    with hostile_change(folder) as scene:     # project `p`, card 1
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from sps.services import move_card
from tests.integration.scene import Scene
from tests.redteam.payloads import PAYLOADS

PIPELINE = """\
version: 1
agent: scripted
stages:
  - {name: develop, timeout: 1m, attempts: 1}
  - {name: look, approve: person, on_fail: develop}
gates:
  - {name: loud, run: cat loud.txt}
sandbox: none
"""
WRITE = """\
import json, os
for number, text in enumerate(json.load(open("payloads.json"))):
    name = f"{number} " + text.replace("/", "_").replace("\\x00", "_")
    with open(name.encode()[:200].decode(errors="ignore"), "w") as file:
        file.write(text + "\\n")
    with open(f"{number}.py", "w") as file:
        file.write(f"x = '''{text}'''  # {text}\\n")
    print(text)
"""
BODY = """\
```sh
python3 write.py
```
"""


@contextlib.contextmanager
def hostile_change(folder: Path) -> Iterator[Scene]:
    """Make it; the scene is closed at the end."""
    files = {
        "payloads.json": json.dumps(PAYLOADS), "write.py": WRITE, "loud.txt": "\n".join(PAYLOADS),
    }  # fmt: skip
    scene = Scene(folder, PIPELINE, files)
    try:
        seq = scene.add(BODY, title=PAYLOADS[0])
        scene.tick()
        assert scene.standing(seq) in {("review", "awaiting-approval"), ("needs_human", "secret")}
        for payload in PAYLOADS:
            move_card.comment_card(scene.world, "p", seq, payload)
        _into_transcript(scene, seq)
        yield scene
    finally:
        scene.close()


def _into_transcript(scene: Scene, seq: int) -> None:
    run = scene.runs(seq)[-1]
    folder = scene.world.home.run("p", run.id)
    with (folder / "transcript.jsonl").open("a") as file:
        for number, text in enumerate(PAYLOADS):
            for kind in ("prompt", "said", "permission", "note", "end", text):
                line = {"at": number, "type": kind, "text": text, "title": text, "path": text,
                        "rule": text, "decision": text, "outcome": text}  # fmt: skip
                file.write(json.dumps(line) + "\n")
            for status in ("pending", "failed", text):
                line = {"at": number, "type": "tool", "call": text, "title": text, "kind": text,
                        "status": status, "output": text}  # fmt: skip
                file.write(json.dumps(line) + "\n")
    (folder / "stderr.log").write_text("\n".join(PAYLOADS))
