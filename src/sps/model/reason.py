"""Reason codes that more than one layer has to know."""

from __future__ import annotations

AWAITING = "awaiting-approval"  #: a person has to approve or reject a change
TARGET_DIRTY = (
    "target-dirty"  #: the owner's checkout holds changes, or a file that would be overwritten
)
TARGET_REFUSED = "target-refused"  #: the landing target does not take the commit
SIGN_NO_KEY = "sign-no-key"  #: the owner's git names no key that could sign a landing
SIGN_LOCKED = "sign-locked"  #: the key would have to be unlocked first, and nobody is asked
SIGN_FAILED = "sign-failed"  #: the signing program failed in another way
REMOTE_LOGIN = "remote-login"  #: the landing target's host does not know its owner
REMOTE_UNREACHABLE = "remote-unreachable"  #: the landing target's host does not answer
PIPELINE_BROKEN = "pipeline-broken"  #: nobody can say what a card would have to go through

LOGIN_REFUSED = "login-refused"  #: the vendor knows the key or login, and takes it no more
AGENT_MISCONFIGURED = "agent-misconfigured"  #: an agent's entry names what it does not offer
VENDOR_UNREACHABLE = "vendor-unreachable"  #: a host that an agent needs did not answer

PAUSED = "paused"  #: the owner wants nothing new to start

#: Why a landing could not be signed.
OF_SIGNING = frozenset({SIGN_NO_KEY, SIGN_LOCKED, SIGN_FAILED})
#: What keeps a whole project from its landing target: it stops once, and costs no card anything.
OF_REMOTE = frozenset({REMOTE_LOGIN, REMOTE_UNREACHABLE})
#: Who refused a landing has to be asked again to know whether it still does.
LANDING_REFUSED = frozenset({TARGET_REFUSED}) | OF_SIGNING
#: What a card can wait for in landing; it is looked at again by itself.
LANDING_WAITS = frozenset({TARGET_DIRTY}) | LANDING_REFUSED
#: Reasons in review and landing that only a person can end; all others there are tried again.
FOR_A_PERSON = LANDING_WAITS | {AWAITING}
