"""Reason codes that more than one layer has to know."""

from __future__ import annotations

AWAITING = "awaiting-approval"  #: a person has to approve or reject a change
TARGET_DIRTY = "target-dirty"  #: the owner's checkout has changes in the way
TARGET_REFUSED = "target-refused"  #: the landing target does not take the commit
PIPELINE_BROKEN = "pipeline-broken"  #: nobody can say what a card would have to go through

#: Reasons in review and landing that only a person can end; all others there are tried again.
FOR_A_PERSON = frozenset({AWAITING, TARGET_DIRTY, TARGET_REFUSED})
