"""Git for the vault: hermetic on our side, the owner's own git towards the landing target."""

from __future__ import annotations

from sps.adapters.git_vault.vault import GitVault

__all__ = ["GitVault"]
