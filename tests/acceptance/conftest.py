"""The fixtures of `browser.py`, for every test of this ring."""

from __future__ import annotations

from tests.acceptance.browser import browse, chromium, page, pipeline, site

__all__ = ["browse", "chromium", "page", "pipeline", "site"]
