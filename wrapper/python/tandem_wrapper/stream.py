"""The calls of one stream. Parts are answered as they finish; an error is its part's own and never ends the stream."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from .errors import WrapperError, as_wrapper_error
from .host import Host, LoadedModel
from .ordinary import ordinary_part, ordinary_response, read_request
from .parts import MergedCalls, PartAnswer, merge_answers, read_cancel, read_parts
from .runner import Part
from .wire import InferMessage, decode_infer_request, encode_infer_response, encode_stream_error, encode_stream_response

_MESSAGE_BYTES = 4 * 1024**2
"""Well under the 16 MiB that both ends take: what finished at once is cut into messages of about this size."""
_MAX_ANSWER_BYTES = 15 * 1024**2
_TOO_LARGE = WrapperError("PREDICTOR_INVALID_OUTPUT", "The outputs of `predict` for this call are larger than 15 MiB.")


class MessageSink(Protocol):
    """Where the messages of a stream go. Its methods may be called by any thread."""

    def send(self, message: bytes) -> None: ...

    def end(self) -> None:
        """Nothing more is sent; what was goes out."""


class StreamSession:
    """
    Reads the messages of one stream, and sends the answers. All methods are the event loop's but `answered`, which may run
    in a worker's thread at the same time: what both touch are single operations on dicts.
    """

    def __init__(self, host: Host, sink: MessageSink, held: LoadedModel | None) -> None:
        self._host = host
        self._sink = sink
        self._held = held
        self._parts: dict[int, Part] = {}
        self._ordinary: dict[int, Any] = {}
        """Ordinary messages, whose parts have negative ids."""
        self._last_ordinary = 0
        self._is_ending = False

    def read(self, message: bytes) -> None:
        try:
            request = decode_infer_request(message)
            if request is None:
                self._accept_ordinary(message)
                return
            if (cancelled := read_cancel(request.tensors)) is not None:
                for part_id in cancelled:
                    if (part := self._parts.get(part_id)) is not None:
                        part.cancel()
                return
            merged = read_parts(request.tensors, time.monotonic())
            if merged is None:
                self._accept_ordinary(message)
            else:
                self._accept_parts(request, merged, len(message))
        except Exception as error:
            self._sink.send(encode_stream_error(as_wrapper_error(error).message))

    def end(self) -> None:
        """Ends the stream as soon as nothing is pending on it."""
        self._is_ending = True
        if not self._parts:
            self._sink.end()

    def abandon(self) -> None:
        """The caller has hung up: nothing that it asked for is begun any more."""
        for part in list(self._parts.values()):
            part.cancel()

    def answered(self, answers: Sequence[PartAnswer]) -> None:
        merged = []
        for answer in answers:
            del self._parts[answer.id]
            if answer.id < 0:
                self._answer_ordinary(self._ordinary.pop(answer.id), answer)
            else:
                merged.append(answer)
        for alike in _messages(merged):
            self._send(alike)
        if self._is_ending and not self._parts:
            self._sink.end()

    @property
    def _version(self) -> str:
        model = self._held or self._host.current
        return model.version if isinstance(model, LoadedModel) else ""

    def _accept_parts(self, request: InferMessage, merged: MergedCalls, size: int) -> None:
        ids = merged.ids
        try:
            model = self._host.find(request.model_name, request.model_version, self._held)
            read = model.layout.read(merged.tensors, merged.calls)
        except WrapperError as error:
            self._send([PartAnswer(part_id, 0, (), error) for part_id in ids])
            return
        share = size / max(1, len(ids))
        parts = [Part(part_id, call, share, self) for part_id, call in zip(ids, read, strict=True)]
        self._parts.update(zip(ids, parts, strict=True))
        model.runner.accept(parts)

    def _send(self, alike: list[PartAnswer]) -> None:
        response = encode_infer_response(self._host.spec.model, self._version, merge_answers(alike))
        self._sink.send(encode_stream_response(response))

    def _accept_ordinary(self, message: bytes) -> None:
        request = read_request(message)
        model = self._host.find(request.model_name, request.model_version, self._held)
        self._last_ordinary -= 1
        part = ordinary_part(model, request, self._last_ordinary, None, self)
        self._ordinary[part.id] = request
        self._parts[part.id] = part
        model.runner.accept([part])

    def _answer_ordinary(self, request: Any, answer: PartAnswer) -> None:
        try:
            if answer.error is not None:
                raise answer.error
            response = ordinary_response(request, self._version, answer.outputs)
            self._sink.send(encode_stream_response(response))
        except WrapperError as error:
            self._sink.send(encode_stream_error(error.message))


def _messages(answers: Sequence[PartAnswer]) -> Iterator[list[PartAnswer]]:
    """The answers as messages: those that did not fail are alike within one, and none is much over _MESSAGE_BYTES."""
    message: list[PartAnswer] = []
    last: tuple[Any, ...] | None = None
    size = 0
    for answer in answers:
        if answer.error is None:
            own = 0
            layout: tuple[Any, ...] = ()
            for name, datatype, shape, raw in answer.outputs:
                own += len(raw)
                layout += (name, datatype, shape[1:])
            if own > _MAX_ANSWER_BYTES:
                message.append(PartAnswer(answer.id, 0, (), _TOO_LARGE))
                continue
            if last is not None and (size + own > _MESSAGE_BYTES or layout != last):
                yield message
                message, size = [], 0
            last = layout
            size += own
        message.append(answer)
    if message:
        yield message
