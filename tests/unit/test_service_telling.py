"""Events in words."""

from __future__ import annotations

import pytest

from sps.model.event import Event, EventKind
from sps.services.telling import sentence


@pytest.mark.parametrize(
    "count,says",
    [
        (0, "9 checks of skills found nothing, 1 waived"),
        (2, "9 checks of skills found 2: a.py:1 demo-call, a.py:2 demo-call, 1 waived"),
        (5, "9 checks of skills found 5: a.py:1 demo-call, a.py:2 demo-call, a.py:3 demo-call "
            "and 2 more, 1 waived"),
    ],
)  # fmt: skip
def test_checks_of_skills_name_their_first_findings(count: int, says: str) -> None:
    found = [{"path": "a.py", "line": one, "check": "demo-call"} for one in range(1, count + 1)]
    payload = {"ran": 9, "findings": found, "waivers": [{}]}
    event = Event(at=0, project="p", kind=EventKind.SKILLS_CHECKED, payload=payload)
    assert sentence(event) == says
