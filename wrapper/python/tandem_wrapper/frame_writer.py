"""Writes frames to a socket from any thread."""

from __future__ import annotations

import asyncio
import os
import socket
import threading

HEAD_BYTES = 4
"""Of a frame: the length of its message."""


class FrameWriter:
    """
    Each frame goes out whole, by the thread that made it: to have the event loop woken for it takes a third of the time of
    a small call. What the socket does not take at once is the loop's to write, and so is all that comes until it has.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        # Any byte that waits is told (`pause_writing`), and when none does (`resume_writing`).
        transport.set_write_buffer_limits(high=0)
        self._socket = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
        self._socket.setblocking(False)
        self._lock = threading.Lock()
        self._waiting: list[bytes] | None = None
        """What the loop is to write next; None while the socket takes all there is."""
        self._is_closed = False

    def write(self, message: bytes) -> None:
        """A message to a caller that has gone is dropped."""
        frame = len(message).to_bytes(HEAD_BYTES, "little") + message
        with self._lock:
            if self._is_closed:
                return
            if self._waiting is None:
                frame = frame[self._send(frame) :]
                if not frame:
                    return
                self._waiting = []
            self._waiting.append(frame)
            if len(self._waiting) == 1:
                self._loop.call_soon_threadsafe(self._write_waiting)

    def end_writing(self) -> None:
        """Nothing is written any more; what was goes out."""
        with self._lock:
            self._is_closed = True
        self._loop.call_soon_threadsafe(self._transport.write_eof)

    def end(self) -> None:
        """Hangs up, after what was written."""
        self._loop.call_soon_threadsafe(self._transport.close)

    def caught_up(self) -> None:
        """The loop has written all that it was given. On the loop."""
        with self._lock:
            if not self._waiting:
                self._waiting = None

    def close(self) -> None:
        """The connection is gone."""
        with self._lock:
            self._is_closed = True
            self._socket.close()

    def _send(self, frame: bytes) -> int:
        try:
            return self._socket.send(frame)
        except BlockingIOError:
            return 0
        except OSError:
            # The caller has gone, as the loop is told too.
            return len(frame)

    def _write_waiting(self) -> None:
        with self._lock:
            frames, self._waiting = self._waiting, []
        self._transport.write(b"".join(frames or ()))
        if self._transport.get_write_buffer_size() == 0:
            self.caught_up()
