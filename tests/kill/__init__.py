"""The kill matrix: SIGKILL at every named point; nothing may be lost, doubled or left behind."""

from __future__ import annotations
