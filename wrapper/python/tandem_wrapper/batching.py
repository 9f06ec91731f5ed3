"""
A runner that computes calls together: those that came while the last ones were computed, and those that are worth waiting
for. Only calls with the same parameters are one. Where a batch fails each of its calls is computed alone, so that it fails
for its own reasons only.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from queue import Empty
from typing import Any

from .answer import check_answer
from .batching_policy import BatchingLimits, BatchingPolicy, Waiting, earliest
from .errors import WrapperError
from .parts import PartAnswer
from .request import PredictRequest, join_requests
from .runner import Part, Runner, refusal
from .tensors import Tensor, cut_rows


class BatchingRunner(Runner):
    """Raises NOT_READY where `predict` is async: calls of it are computed at once anyway."""

    def __init__(
        self,
        predict: Callable[[PredictRequest], Any],
        on_failure: Callable[[WrapperError], None],
        limits: BatchingLimits,
    ) -> None:
        if inspect.iscoroutinefunction(predict):
            problem = "`wrapper.batching` needs a plain `predict`: an async one computes calls side by side already."
            raise WrapperError("NOT_READY", problem)
        self._limits = limits
        self._policy = BatchingPolicy(limits)
        super().__init__(predict, on_failure)

    def _work(self) -> None:
        waiting: list[Part] = []
        is_open = True
        while waiting or is_open:
            is_open = self._gather(waiting, is_open)
            if batch := self._next_batch(waiting):
                answers = self._compute(batch)
                self._deliver_here(answers)

    def _gather(self, waiting: list[Part], is_open: bool) -> bool:
        """Collects what came, and what is worth waiting for. False when nothing more will come."""
        while is_open:
            try:
                parts = self._queue.get(timeout=self._seconds_to_wait(waiting))
            except Empty:
                return True
            if parts is None:
                return False
            now = time.monotonic()
            for part in parts:
                part.came = now
                self._policy.came(now)
            waiting += parts
        return False

    def _seconds_to_wait(self, waiting: Sequence[Part]) -> float | None:
        if not waiting:
            return None
        batch = self._alike(waiting)
        now = time.monotonic()
        described = Waiting(
            len(batch),
            sum(part.request.rows for part in batch),
            batch[0].came,
            earliest([part.request.deadline for part in batch]),
        )
        # Not below 0: what is there already is taken even when nothing is waited for.
        return max(0.0, self._policy.wait_until(described, now) - now)

    def _alike(self, waiting: Sequence[Part]) -> list[Part]:
        """The first that waits, and those with the same parameters, as far as the rows go."""
        text = waiting[0].request.parameters_text
        batch: list[Part] = []
        rows = 0
        for part in waiting:
            if part.request.parameters_text != text:
                continue
            if batch and rows + part.request.rows > self._limits.max_rows:
                break
            batch.append(part)
            rows += part.request.rows
        return batch

    def _next_batch(self, waiting: list[Part]) -> list[Part]:
        if not waiting:
            return []
        batch = self._alike(waiting)
        chosen = set(map(id, batch))
        waiting[:] = [part for part in waiting if id(part) not in chosen]
        return batch

    def _compute(self, batch: list[Part]) -> list[tuple[Part, PartAnswer]]:
        started = self._busy_since = time.monotonic()
        answers = []
        alive = []
        for part in batch:
            refused = refusal(part, started)
            if refused is None:
                alive.append(part)
            else:
                answers.append((part, refused))
        outputs = self._predict_together(alive) if len(alive) > 1 else None
        if outputs is None:
            answers += [(part, self._run(part, time.monotonic())) for part in alive]
        else:
            first = 0
            for part in alive:
                rows = part.request.rows
                own = tuple(cut_rows(output, first, rows) for output in outputs)
                answers.append((part, PartAnswer(part.id, rows, own, None)))
                first += rows
        if alive:
            self._policy.took(sum(part.request.rows for part in alive), time.monotonic() - started)
        self._busy_since = None
        return answers

    def _predict_together(self, parts: Sequence[Part]) -> tuple[Tensor, ...] | None:
        """The outputs of all rows; None where there are none, and each call has to show whether the fault is its own."""
        joined = join_requests([part.request for part in parts])
        try:
            return check_answer(self._predict(joined), joined.rows)
        except BaseException:  # `sys.exit()` too: what it was is told by the call that raises it again
            return None
