"""The checks of skills, run by ast-grep and plain Python in a process of their own.

The worker starts inside this package, so nothing is imported here.
"""

from __future__ import annotations
