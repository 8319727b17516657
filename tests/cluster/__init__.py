"""Several machines on one home: processes with folders of their own, on one database."""

from __future__ import annotations
