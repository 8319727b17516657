"""What the words of git about a repository mean: gone, unknown owner, out of reach."""

from __future__ import annotations

import re
from enum import Enum, auto


class Meaning(Enum):
    """Why git could not speak with a remote."""

    LOGIN = auto()
    GONE = auto()
    PARTIAL = auto()
    UNREACHABLE = auto()
    OTHER = auto()


# In this order: after each, git may add words of a later one.
_MEANINGS = (
    (
        Meaning.LOGIN,
        r"Authentication failed|could not read (?:Username|Password)|terminal prompts disabled"
        r"|Permission denied \(|Host key verification failed|HOST IDENTIFICATION HAS CHANGED"
        r"|Too many authentication failures|[Aa]ccess denied|returned error: 40[13]\b"
        r"|HTTP code 407|unable to get password from user|no mutual signature",
    ),
    (
        Meaning.GONE,
        r"couldn't find remote ref|does not appear to be a git repository|not a git repository"
        r"|No such file or directory|[Rr]epository .*not found|returned error: 404\b",
    ),
    (
        Meaning.UNREACHABLE,
        r"Could not resolve|[Cc]onnection (?:refused|timed out|reset|closed)|[Tt]imed out"
        r"|[Nn]etwork is unreachable|No route to host|Failed to connect|[Uu]nable to connect"
        r"|early EOF|hung up unexpectedly|RPC failed|returned error: 5\d\d|unable to access"
        r"|unexpected disconnect|Broken pipe|Empty reply|Recv failure|Could not read from remote"
        r"|remote failure|failed to report status",
    ),
)


_PARTIAL = re.compile(r"lazy fetching disabled|from promisor remote")
_THEIR_OWN = re.compile(r"^remote: .*$", re.MULTILINE)


def meaning(said: str) -> Meaning:
    """Say what git's words mean; `OTHER` for what is not about the way to the remote. What the
    other side's hooks say does not count."""
    if _PARTIAL.search(said):
        return Meaning.PARTIAL
    said = _THEIR_OWN.sub("", said)
    return next((it for it, words in _MEANINGS if re.search(words, said)), Meaning.OTHER)
