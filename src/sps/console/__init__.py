"""The web console: guards, routes, event stream and templates. It decides nothing."""

from __future__ import annotations
