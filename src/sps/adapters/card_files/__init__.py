"""Card files in the home: one Markdown file with front matter for each card."""

from __future__ import annotations

from sps.adapters.card_files.folder import CardFolder

__all__ = ["CardFolder"]
