"""What the demo is made of: a small repository, a pipeline, cards that each show one thing."""

from __future__ import annotations

FILES = {
    "README.md": "# Greeter\n\nA small program that greets.\n",
    "greeter.py": 'def greet(name: str) -> str:\n    return f"Hello, {name}!"\n',
    "test_greeter.py": (
        "import unittest\n\nfrom greeter import greet\n\n\n"
        "class GreeterTest(unittest.TestCase):\n    def test_greets_by_name(self):\n"
        '        self.assertEqual(greet("Ada"), "Hello, Ada!")\n'
    ),
}

PIPELINE = """\
version: 1
agent: scripted
workers: 3
stages:
  - {name: develop, timeout: 5m, idle_timeout: 1m, attempts: 3}
  - {name: review, kind: review, approve: agent, on_fail: develop}
gates:
  - {name: tests, run: python3 -m unittest -q, timeout: 2m}
  - {name: compiles, run: python3 -m compileall -q ., timeout: 1m}
"""

_FAREWELL = """```patch
--- a/greeter.py
+++ b/greeter.py
@@ -1,2 +1,6 @@
 def greet(name: str) -> str:
     return f"Hello, {name}!"
+
+
+def farewell(name: str) -> str:
+    return f"Goodbye, {name}!"
```
```say
Added farewell().
```
"""

_FAREWELL_TEST = """```file path=test_farewell.py
import unittest

from greeter import farewell


class FarewellTest(unittest.TestCase):
    def test_says_goodbye(self):
        self.assertEqual(farewell("Ada"), "Goodbye, Ada!")
```
"""

_BROKEN_FIRST = """```file path=shout.py attempt=1
def shout(text: str) -> str:
    return text.lower() + "!"
```
```file path=test_shout.py
import unittest

from shout import shout


class ShoutTest(unittest.TestCase):
    def test_shouts(self):
        self.assertEqual(shout("hey"), "HEY!")
```
```file path=shout.py attempt=2+
def shout(text: str) -> str:
    return text.upper() + "!"
```
```say attempt=2+
The gate's output showed it: upper, not lower.
```
"""


def _readme(line: str, other: str) -> str:
    return (
        f"```sleep attempt=1\n0.6\n```\n"
        f"```file path=README.md attempt=1\n# Greeter\n\n{line}\n```\n"
        f"```file path=README.md attempt=2+\n# Greeter\n\n{line}\n{other}\n```\n"
    )


CARDS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("Say goodbye as well", _FAREWELL, ()),
    ("Test the goodbye", _FAREWELL_TEST, (1,)),
    ("Shout a text", _BROKEN_FIRST, ()),
    ("Describe the greeter", _readme("It greets politely.", "It also says goodbye."), ()),
    ("Describe the goodbye", _readme("It also says goodbye.", "It greets politely."), ()),
    ("Add a licence note", "```file path=NOTICE\nFree to use.\n```\n", ()),
    ("Add a change log", "```file path=CHANGES.md\n# Changes\n\n- first\n```\n", ()),
    (
        "Reviewed twice",
        "```file path=util.py attempt=1\nX=1\n```\n"
        '```file path=util.py attempt=2+\n"""Constants."""\n\nX = 1\n```\n'
        "```verdict attempt=1\nchanges\nutil.py:1: say what this file is for\n```\n"
        "```verdict attempt=2+\napprove\n```\n",
        (),
    ),
    (
        "Promise the impossible",
        "```sh\npython3 -c 'raise SystemExit(\"cannot be done\")'\n```\n",
        (),
    ),
    ("After the impossible", "```file path=after.txt\nnever\n```\n", (9,)),
)
EXPECTED = {**dict.fromkeys(range(1, 9), "done"), 9: "needs_human", 10: "backlog"}
