"""What happens to a card: plan, work, gate, review, land. Policy; the world is behind ports."""

from __future__ import annotations
