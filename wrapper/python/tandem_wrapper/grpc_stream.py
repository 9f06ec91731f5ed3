"""A stream as a ModelStreamInfer call."""

from __future__ import annotations

import asyncio
from typing import Any

from .exhaustion import watch_task
from .stream import StreamSession


class GrpcSink:
    """Sends the answers of a session over its call, one after the other."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._loop = asyncio.get_running_loop()
        self._messages: asyncio.Queue[bytes | None] = asyncio.Queue()

    def send(self, message: bytes) -> None:
        self._loop.call_soon_threadsafe(self._messages.put_nowait, message)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._messages.put_nowait, None)

    async def write(self) -> None:
        """Until the end, or until the caller has gone."""
        while (message := await self._messages.get()) is not None:
            await self._context.write(message)


async def run_call(session: StreamSession, sink: GrpcSink, messages: Any) -> None:
    """Ends when the caller has sent all and all of it is answered, or when the caller has gone."""
    writer = asyncio.create_task(sink.write())
    watch_task(writer)
    reader = asyncio.current_task()
    assert reader is not None
    # A stream that cannot be answered any more must not go on being read.
    writer.add_done_callback(lambda done: done.cancelled() or done.exception() is None or reader.cancel())
    try:
        async for message in messages:
            session.read(message)
        session.end()
        await writer
    finally:
        writer.cancel()
        session.abandon()
