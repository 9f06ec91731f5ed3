"""How often a call is tried, and how long: one deadline over all tries and the pauses between them."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable

from .error import TandemError

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0
_WAY_SHARE, _LONGEST_WAY = 0.1, 0.25


class Tries:
    """
    The tries of one call, counted from when this is made. `timeout` is in seconds. `clock` and `chance` are
    `time.monotonic` and `random.random`, but for tests.
    """

    def __init__(
        self,
        timeout: float,
        attempts: int,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        if not 0 < timeout < math.inf:
            raise ValueError(f"timeout must be seconds above 0, is {timeout}")
        self._timeout = timeout
        self._attempts = attempts
        self._clock = clock
        self._chance = chance
        self._deadline = clock() + timeout
        self._failed = 0

    def remaining(self) -> float:
        """Seconds. Raises DEADLINE_EXCEEDED where there are none."""
        seconds = self._deadline - self._clock()
        if seconds > 0:
            return seconds
        raise self.expired()

    def server_timeout_ms(self) -> int:
        """
        What the server is given: a little less than is waited for, a tenth and at most 250 ms, so that its own answer at its
        deadline (a fallback, or why there is none) still arrives.
        """
        seconds = self.remaining()
        return math.ceil((seconds - min(seconds * _WAY_SHARE, _LONGEST_WAY)) * 1000)

    def pause_after(self, failure: TandemError) -> float:
        """
        Seconds to wait before the next try: exponential with full jitter (any length up to 50 ms, 100 ms, … 2 s), so that
        callers who failed together do not come back together. Raises `failure` where there is to be no other try: also
        where it would have less than a tenth of `timeout`, and only hide by its own end what the server has said.
        """
        self._failed += 1
        if not failure.retryable or self._failed >= self._attempts:
            raise failure
        pause = self._chance() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (self._failed - 1))
        if self._clock() + pause + self._timeout * _WAY_SHARE >= self._deadline:
            raise failure
        return pause

    def expired(self) -> TandemError:
        """The error of a call whose time is over."""
        return TandemError("DEADLINE_EXCEEDED", f"There was no answer within {self._timeout:g} s.", retryable=True)
