"""The answer of a call that is by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from .parts import PartAnswer


class OneAnswer:
    """The sink of one part. `answer` is awaited on the event loop that made this."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[PartAnswer] = self._loop.create_future()

    def answered(self, answers: Sequence[PartAnswer]) -> None:
        self._loop.call_soon_threadsafe(self._settle, answers[0])

    def _settle(self, answer: PartAnswer) -> None:
        # Who waited may have gone.
        if not self.answer.done():
            self.answer.set_result(answer)
