"""
No memory left outside of `predict`. What raises a MemoryError there loses an answer, a callback or a whole thread, and
nobody could say which: the process would live on and answer nothing. It ends instead, and its supervisor starts the next.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import Any

_LINE = b'{"level": 60, "name": "wrapper", "msg": "No memory is left to answer with; the process ends"}\n'
"""Made while there is memory to make it."""


def end_if_exhausted(error: BaseException | None) -> None:
    """Ends the process where this error, caught outside of the researcher's code, is that there is no memory left."""
    if isinstance(error, MemoryError):
        os.write(2, _LINE)
        os._exit(1)


def watch_task(task: asyncio.Task[Any]) -> None:
    """For a task that runs on unawaited: what it ends by would be told when somebody awaits it, if ever."""

    def on_done(done: asyncio.Task[Any]) -> None:
        if not done.cancelled():
            end_if_exhausted(done.exception())

    task.add_done_callback(on_done)


def end_when_exhausted(loop: asyncio.AbstractEventLoop) -> None:
    """Has the process end on what the event loop, a thread or a C callback would otherwise only tell and forget."""

    def on_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        end_if_exhausted(context.get("exception"))
        loop.default_exception_handler(context)

    def on_thread(told: threading.ExceptHookArgs) -> None:
        end_if_exhausted(told.exc_value)
        threading.__excepthook__(told)

    def on_unraisable(told: Any) -> None:
        end_if_exhausted(told.exc_value)
        sys.__unraisablehook__(told)

    loop.set_exception_handler(on_loop)
    threading.excepthook = on_thread
    sys.unraisablehook = on_unraisable
