"""Refs under which other machines bring merged trees: needed until their cards are over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from sps.adapters.git_vault.git import Inner

_AT_ONCE = 1000


def forget(git: Inner, refs: Mapping[str, str], keep: Collection[str], before: int) -> int:
    """Do what `Vault.forget_trees` promises. All at once or, should one have changed, none."""
    old = (ref for ref in _made_before(git, refs, before) if refs[ref] not in keep)
    orders = [f"delete {ref} {refs[ref]}\n" for ref in islice(old, _AT_ONCE)]
    if orders:
        git.run("update-ref", "--stdin", stdin="".join(orders).encode())
    return len(orders)


def _made_before(git: Inner, refs: Mapping[str, str], at: int) -> Iterator[str]:
    for ref in refs:
        try:
            made = (git.gitdir / ref).stat().st_mtime
        except FileNotFoundError:
            made = 0.0  # somebody packed it
        if made * 1000 < at:
            yield ref
