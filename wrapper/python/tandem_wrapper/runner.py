"""
Runs the parts of calls through one predictor. A plain `predict` runs in a thread of its own, one part after the other,
so that health, cancels and new calls are heard meanwhile; an `async` one runs on the event loop, many at once.

The loop hands the worker's thread a list of parts, and the thread sends their answers itself: a hand-over between threads
costs as much as reading a small message, so parts that came together go together, and nothing goes back.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from .answer import check_answer
from .errors import WrapperError
from .parts import PartAnswer
from .request import PredictRequest

MAX_PENDING_PARTS = 4096
MAX_PENDING_BYTES = 256 * 1024**2
MAX_RUNNING = 256
"""Calls of an async `predict` open at once."""
_TURN_SECONDS = 0.002
"""How long the worker computes before it sends the answers that it has."""


class PartSink(Protocol):
    """Who is told what became of parts, by the thread that found out."""

    def answered(self, answers: Sequence[PartAnswer]) -> None: ...


class Part:
    """One call of `predict`, from its message to its answer."""

    __slots__ = ("bytes", "came", "id", "request", "sink")

    def __init__(self, part_id: int, request: PredictRequest, size: float, sink: PartSink) -> None:
        self.id = part_id
        self.request = request
        self.bytes = size
        self.sink = sink
        self.came = 0.0
        """When the worker got it; only where it waits for others."""

    def cancel(self) -> None:
        """The caller has gone: it is not begun any more, and a `predict` that looks at `request.cancelled` sees it."""
        self.request.gone = WrapperError("CANCELLED", "The caller cancelled the call.")


class Runner:
    """One predictor and the parts that wait for it. All public methods are the event loop's."""

    def __init__(self, predict: Callable[[PredictRequest], Any], on_failure: Callable[[WrapperError], None]) -> None:
        self._predict = predict
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._counting = threading.Lock()
        self._pending_bytes = 0.0
        self.pending = 0
        self._is_async = inspect.iscoroutinefunction(predict)
        self._slots = asyncio.Semaphore(MAX_RUNNING)
        self._tasks: set[asyncio.Task[None]] = set()
        self._queue: SimpleQueue[list[Part] | None] = SimpleQueue()
        self._busy_since: float | None = None
        self._settled_at = time.monotonic()
        if not self._is_async:
            # A daemon: a predictor that hangs must not keep the process from ending.
            threading.Thread(target=self._work, name="predict", daemon=True).start()

    def accept(self, parts: list[Part]) -> None:
        """Answers each, in the end; over the bounds of what may wait at once with OVERLOADED."""
        admitted: list[Part] = []
        refused: list[tuple[Part, PartAnswer]] = []
        with self._counting:
            for part in parts:
                self.pending += 1
                self._pending_bytes += part.bytes
                if self.pending <= MAX_PENDING_PARTS and self._pending_bytes <= MAX_PENDING_BYTES:
                    admitted.append(part)
                else:
                    overloaded = WrapperError("OVERLOADED", "The wrapper has too many calls waiting.")
                    refused.append((part, PartAnswer(part.id, 0, (), overloaded)))
        if refused:
            self._deliver(refused)
        if not self._is_async:
            if admitted:
                self._queue.put(admitted)
            return
        for part in admitted:
            task = self._loop.create_task(self._run_async(part))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def is_stuck(self, seconds: float) -> bool:
        """Whether one `predict` runs for so long, or as many async ones as may be open wait and none has settled."""
        now = time.monotonic()
        if self._is_async:
            return self._slots.locked() and now - self._settled_at > seconds
        busy_since = self._busy_since
        return busy_since is not None and now - busy_since > seconds

    def close(self) -> None:
        """Ends the worker once it has run what it was given."""
        self._queue.put(None)

    def _deliver_here(self, answers: list[tuple[Part, PartAnswer]]) -> None:
        """In the worker's thread, which must not end by what goes wrong here."""
        try:
            self._deliver(answers)
        except Exception as error:
            problem = {"message": "Answers cannot be delivered", "exception": error}
            self._loop.call_soon_threadsafe(self._loop.call_exception_handler, problem)

    def _work(self) -> None:
        while (parts := self._queue.get()) is not None:
            answers: list[tuple[Part, PartAnswer]] = []
            started = now = time.monotonic()
            while parts is not None:
                for part in parts:
                    self._busy_since = now
                    answers.append((part, self._run(part, now)))
                    now = time.monotonic()
                    if now - started > _TURN_SECONDS:
                        self._deliver_here(answers)
                        answers = []
                        started = now
                try:
                    parts = self._queue.get_nowait()
                except Empty:
                    break
            self._busy_since = None
            if answers:
                self._deliver_here(answers)
            if parts is None:
                return

    def _run(self, part: Part, now: float) -> PartAnswer:
        refused = refusal(part, now)
        if refused is not None:
            return refused
        try:
            return self._answer(part, self._predict(part.request))
        except BaseException as error:  # `sys.exit()` in a predict is its part's failure, not the end of all others
            return self._failed(part, error)

    async def _run_async(self, part: Part) -> None:
        async with self._slots:
            answer = refusal(part, time.monotonic())
            if answer is None:
                try:
                    answer = self._answer(part, await self._predict(part.request))
                except BaseException as error:
                    task = asyncio.current_task()
                    # Its own task is cancelled when the process ends; one that it awaited is its own affair.
                    if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                        raise
                    answer = self._failed(part, error)
        self._settled_at = time.monotonic()
        self._deliver([(part, answer)])

    def _answer(self, part: Part, answer: Any) -> PartAnswer:
        if part.request.gone is not None:
            return PartAnswer(part.id, 0, (), part.request.gone)
        return PartAnswer(part.id, part.request.rows, check_answer(answer, part.request.rows), None)

    def _failed(self, part: Part, error: BaseException) -> PartAnswer:
        """What the predictor raised stays in the log: its text may name paths, hosts or secrets."""
        if part.request.gone is not None:
            return PartAnswer(part.id, 0, (), part.request.gone)
        if not isinstance(error, WrapperError):
            failed = WrapperError("PREDICTOR_FAILED", "The predictor failed; the log of the wrapper says why.")
            failed.__cause__ = error
            error = failed
        self._on_failure(error)
        return PartAnswer(part.id, 0, (), error)

    def _deliver(self, answers: list[tuple[Part, PartAnswer]]) -> None:
        by_sink: dict[PartSink, list[PartAnswer]] = {}
        freed = 0.0
        for part, answer in answers:
            freed += part.bytes
            own = by_sink.get(part.sink)
            if own is None:
                by_sink[part.sink] = [answer]
            else:
                own.append(answer)
        with self._counting:
            self.pending -= len(answers)
            self._pending_bytes -= freed
        for sink, own in by_sink.items():
            sink.answered(own)


def refusal(part: Part, now: float) -> PartAnswer | None:
    """The answer of a part that is not begun any more: its caller has gone, or its deadline has passed."""
    request = part.request
    if request.gone is not None:
        return PartAnswer(part.id, 0, (), request.gone)
    if request.deadline is not None and now >= request.deadline:
        expired = WrapperError("DEADLINE_EXCEEDED", "The deadline passed while the call waited for the model.")
        return PartAnswer(part.id, 0, (), expired)
    return None
