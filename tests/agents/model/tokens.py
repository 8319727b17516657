"""What every answer is said to have cost."""

from __future__ import annotations

INPUT_TOKENS = 120
OUTPUT_TOKENS = 30
PIECE = 16  # characters of a piece of streamed text
