"""When to stop waiting for one more call to compute together with those that wait. wrapper/batching decides the same."""

from __future__ import annotations

import math
from dataclasses import dataclass

_FRESHNESS = 0.1
"""Each new measurement weighs this much against all before it."""
_SPARE = 0.002
"""Seconds: nobody is held when less than this would be left of its deadline after the model's time."""
_GAPS = 2
"""Calls that do not come after so many usual gaps do not come."""


@dataclass(frozen=True)
class BatchingLimits:
    """What the operator allows."""

    max_rows: int
    """Rows of one `predict`."""
    max_wait: float
    """Seconds for which a call may be held for others to join it."""


@dataclass(frozen=True)
class Waiting:
    """What waits to be computed together."""

    calls: int
    rows: int
    since: float
    """When the first of them came."""
    deadline: float
    """The first of their deadlines; infinity without."""


class BatchingPolicy:
    """
    Learns the line on which the model's time lies, a * rows + b, and the usual gap between calls: to wait for one more costs
    each call that waits that gap, and saves one b. Times are those of one clock, in seconds. Until a model has been timed
    with two sizes, its whole time counts as b.
    """

    def __init__(self, limits: BatchingLimits) -> None:
        self._limits = limits
        self._line: tuple[float, float, float, float] | None = None
        """Means of rows, seconds, rows * rows, rows * seconds: what the line of least squares is made of."""
        self._gap: float | None = None
        self._last_call: float | None = None

    def came(self, now: float) -> None:
        """A call came."""
        if self._last_call is not None:
            # A long silence says no more than that there was one: it must not outweigh all calls of a busy second.
            gap = min(now - self._last_call, self._limits.max_wait * _GAPS)
            self._gap = gap if self._gap is None else _mix(self._gap, gap)
        self._last_call = now

    def took(self, rows: int, seconds: float) -> None:
        """A batch took its time."""
        now = (rows, seconds, rows * rows, rows * seconds)
        if self._line is None:
            self._line = now
        else:
            rows_mean, seconds_mean, squares, products = map(_mix, self._line, now)
            self._line = (rows_mean, seconds_mean, squares, products)

    def wait_until(self, waiting: Waiting, now: float) -> float:
        """Until when what waits goes on waiting for one more; a moment that has passed: not at all."""
        per_row, fixed = self._times()
        gap = self._gap
        if waiting.rows >= self._limits.max_rows or gap is None or waiting.calls * gap >= fixed:
            return now
        computing = per_row * waiting.rows + fixed
        return min(
            waiting.since + self._limits.max_wait,
            waiting.deadline - computing - _SPARE,
            (now if self._last_call is None else self._last_call) + gap * _GAPS,
        )

    def _times(self) -> tuple[float, float]:
        if self._line is None:
            return 0.0, 0.0
        rows, seconds, squares, products = self._line
        variance = squares - rows * rows
        slope = (products - rows * seconds) / variance if variance > 1e-9 else 0.0
        # Noise gives lines that fall, or that begin under nothing.
        per_row = min(max(0.0, slope), seconds / rows if rows > 0 else 0.0)
        return per_row, seconds - per_row * rows


def earliest(deadlines: list[float | None]) -> float:
    """The first of some deadlines."""
    return min((math.inf if each is None else each for each in deadlines), default=math.inf)


def _mix(before: float, now: float) -> float:
    return before + _FRESHNESS * (now - before)
