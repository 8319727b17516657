"""The embedded ACP agent: it carries out, without a model, the steps that a card's text contains.

It imports the standard library only, so that it starts in tens of milliseconds, and nothing of the
rest of the program imports it: it is started as a process like every other agent.
"""

from __future__ import annotations
