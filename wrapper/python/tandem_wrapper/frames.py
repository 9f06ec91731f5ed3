"""
`tandem.frames.v1`: the messages of a ModelStreamInfer on a Unix socket of their own. A frame is the length of a message as
UINT32 (little-endian) and the message; the first that a caller sends names its load, empty for the last one. HTTP/2 and
the threads of gRPC cost a process of Python more than half of what a small call takes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import cast

from .errors import as_wrapper_error
from .frame_writer import HEAD_BYTES, FrameWriter
from .sockets import clear_socket, set_socket_mode
from .stream import MessageSink, StreamSession
from .wire import encode_stream_error

_MAX_PATH_BYTES = 107
"""What fits `sun_path` before its closing NUL (unix(7))."""
_CLOSE_CHECK_SECONDS = 0.01


def frames_path(path: str) -> str | None:
    """The second socket of a wrapper that listens at `path`; None where the kernel would cut its path."""
    beside = f"{path}.frames"
    return beside if len(os.fsencode(beside)) <= _MAX_PATH_BYTES else None


class FramesServer:
    """
    Takes streams of frames on a Unix socket. `begin(sink, load)` makes the session of a stream; what it raises is told and
    ends the stream. `end(session)` hears when its caller has gone.
    """

    def __init__(
        self,
        begin: Callable[[MessageSink, str | None], StreamSession],
        end: Callable[[StreamSession], None],
        max_message_bytes: int,
    ) -> None:
        self.begin = begin
        self.end = end
        self.max_message_bytes = max_message_bytes
        self.open: set[_Frames] = set()
        self._server: asyncio.Server | None = None
        self._path = ""

    async def listen(self, path: str, mode: int) -> None:
        """Raises NOT_READY where the path is taken."""
        clear_socket(path)
        loop = asyncio.get_running_loop()
        server = await loop.create_unix_server(lambda: _Frames(self), path, start_serving=False)
        set_socket_mode(path, mode)
        await server.start_serving()
        self._server, self._path = server, path

    @property
    def is_listening(self) -> bool:
        return self._server is not None

    async def close(self, grace: float) -> None:
        """Takes no more callers, removes the socket, and hangs up on those that are still there after so many seconds."""
        if self._server is None:
            return
        self._server.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        loop = asyncio.get_running_loop()
        end = loop.time() + grace
        while self.open and loop.time() < end:
            await asyncio.sleep(_CLOSE_CHECK_SECONDS)
        for frames in list(self.open):
            frames.abort()


class _Frames(asyncio.Protocol):
    """One stream. A caller that is slow to read is not read either, so answers do not pile up."""

    def __init__(self, server: FramesServer) -> None:
        self._server = server
        self._session: StreamSession | None = None
        self._unread = bytearray()
        """The beginning of a message that has not come whole."""
        self._is_refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._writer = FrameWriter(self._transport)
        self._server.open.add(self)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if self._unread:
            self._unread += data
            if len(self._unread) < self._wanted():
                return
            data = bytes(self._unread)
            self._unread.clear()
        at, size = 0, len(data)
        while size - at >= HEAD_BYTES and not self._is_refused:
            start = at + HEAD_BYTES
            stop = start + int.from_bytes(data[at:start], "little")
            if stop - start > self._server.max_message_bytes:
                most = self._server.max_message_bytes
                self._refuse(f"A frame of {stop - start} bytes is more than the {most} of a message.")
                return
            if stop > size:
                break
            self._read(data[start:stop])
            at = stop
        if at < size:
            self._unread += data[at:]

    def send(self, message: bytes) -> None:
        self._writer.write(message)

    def end(self) -> None:
        self._writer.end()

    def abort(self) -> None:
        self._transport.abort()

    def eof_received(self) -> bool:
        if self._session is None or self._is_refused:
            return False
        self._session.end()
        return True

    def connection_lost(self, _cause: Exception | None) -> None:
        self._server.open.discard(self)
        self._writer.close()
        if self._session is not None:
            self._session.abandon()
            self._server.end(self._session)

    def pause_writing(self) -> None:
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()
        self._writer.caught_up()

    def _wanted(self) -> int:
        """Bytes that must be there before the message under way can be read."""
        if len(self._unread) < HEAD_BYTES:
            return HEAD_BYTES
        length = int.from_bytes(self._unread[:HEAD_BYTES], "little")
        # One that is too long is refused for its length alone.
        return HEAD_BYTES + (length if length <= self._server.max_message_bytes else 0)

    def _read(self, message: bytes) -> None:
        if self._session is not None:
            self._session.read(message)
            return
        try:
            self._session = self._server.begin(self, message.decode() or None)
        except Exception as error:
            self._refuse(as_wrapper_error(error).message)

    def _refuse(self, problem: str) -> None:
        """Says so and nothing more, and waits for the caller to hang up: it might not read what comes with a closed socket."""
        self._is_refused = True
        self.send(encode_stream_error(problem))
        self._writer.end_writing()
