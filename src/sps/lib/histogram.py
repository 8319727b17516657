"""Counters, gauges and histograms of this process, with a bounded number of series each."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterator

Sample = tuple[str, dict[str, str], float]

OTHER = "other"
_MOST = 128  # series per metric; beyond them a label is a defect, and must not cost memory
_VALUE = re.compile(r"[A-Za-z0-9/][A-Za-z0-9/._-]{0,63}\Z")


class Histogram:
    """How often, how long in all, and how many within each of some fixed bounds (seconds)."""

    kind = "histogram"

    def __init__(
        self, name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]
    ) -> None:
        self.name = name
        self.text = text
        self._labels = labels
        self._buckets = buckets
        self._lock = threading.Lock()
        self._series: dict[tuple[str, ...], list[float]] = {}

    def observe(self, value: float, *labels: str) -> None:
        """Count a value under the given values of the labels, in their order."""
        with self._lock:
            key = _key(labels, len(self._labels), self._series)
            row = self._series.setdefault(key, [0.0] * (len(self._buckets) + 2))
            row[0] += 1
            row[1] += value
            for place, bound in enumerate(self._buckets, 2):
                row[place] += value <= bound

    def samples(self) -> Iterator[Sample]:
        """Give everything as Prometheus wants it: cumulative buckets, sum, count."""
        with self._lock:
            series = {key: tuple(row) for key, row in self._series.items()}
        for key, (count, total, *within) in sorted(series.items()):
            labels = dict(zip(self._labels, key, strict=True))
            for bound, number in zip(self._buckets, within, strict=True):
                yield f"{self.name}_bucket", {**labels, "le": f"{bound:g}"}, number
            yield f"{self.name}_bucket", {**labels, "le": "+Inf"}, count
            yield f"{self.name}_sum", labels, total
            yield f"{self.name}_count", labels, count


class Counter:
    """How often something happened since this process began."""

    kind = "counter"

    def __init__(self, name: str, text: str, labels: tuple[str, ...]) -> None:
        self.name = name
        self.text = text
        self._labels = labels
        self._lock = threading.Lock()
        self._series: dict[tuple[str, ...], int] = {}

    def add(self, *labels: str) -> None:
        """Count once under the given values of the labels, in their order."""
        with self._lock:
            key = _key(labels, len(self._labels), self._series)
            self._series[key] = self._series.get(key, 0) + 1

    def samples(self) -> Iterator[Sample]:
        """Give every count."""
        with self._lock:
            series = dict(self._series)
        for key, number in sorted(series.items()):
            yield self.name, dict(zip(self._labels, key, strict=True)), number


class Gauge:
    """How much of something there is just now."""

    kind = "gauge"

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._value = 0.0

    def set(self, value: float) -> None:
        """Take the newest value."""
        self._value = value

    def samples(self) -> Iterator[Sample]:
        """Give the value."""
        yield self.name, {}, self._value


def _key(labels: tuple[str, ...], number: int, known: Collection[object]) -> tuple[str, ...]:
    """Return the series to count in: a stray value, or one too many, is counted as other."""
    if len(labels) != number:
        raise ValueError(f"{number} labels are wanted")
    key = tuple(label if _VALUE.match(label) else OTHER for label in labels)
    return key if key in known or len(known) < _MOST else (OTHER,) * number
