"""
`tandem.stream.v1`: calls that are ready at once travel as the parts of one message. proto/parts.ts says how.

Request: `tandem.parts` INT64 [P,3] = id, rows, remaining µs; `tandem.parameters` and `tandem.trace` BYTES [P] where any
part has them; then the model's tensors, each of the rows of all parts. Answer: `tandem.parts` INT64 [P,3] = id, rows,
status; `tandem.errors` BYTES [P] where any failed; then the outputs of those that did not. Cancel: `tandem.cancel`
INT64 [K] = ids.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import NamedTuple

from .errors import WrapperError
from .layout import Call
from .tensors import Tensor, array_of, encode_strings, strings_of

STREAM_EXTENSION = "tandem.stream.v1"
FRAMES_EXTENSION = "tandem.frames.v1"
ATOMIC_EXTENSION = "tandem.atomic.v1"
_PARTS, _PARAMETERS, _TRACE, _ERRORS, _CANCEL = (
    "tandem.parts",
    "tandem.parameters",
    "tandem.trace",
    "tandem.errors",
    "tandem.cancel",
)


class MergedCalls(NamedTuple):
    """The parts of a merged request."""

    ids: list[int]
    calls: list[Call]
    """One a part, in the same order."""
    tensors: Sequence[Tensor]
    """The rows of all parts, one after the other."""


class PartAnswer(NamedTuple):
    """What became of a part: its outputs, or its error."""

    id: int
    rows: int
    outputs: tuple[Tensor, ...]
    error: WrapperError | None


def read_cancel(tensors: Sequence[Tensor]) -> list[int] | None:
    """The ids that a message tells to drop; None where it is another one. Raises INVALID_INPUT."""
    if not tensors or tensors[0].name != _CANCEL:
        return None
    return [int(part) for part in array_of(tensors[0])]


def read_parts(tensors: Sequence[Tensor], now: float) -> MergedCalls | None:
    """
    The parts of a merged request that came at this moment of `time.monotonic`; None where it is an ordinary one. Raises
    INVALID_INPUT.
    """
    if not tensors or tensors[0].name != _PARTS:
        return None
    table = tensors[0]
    if table.datatype != "INT64" or len(table.shape) != 2 or table.shape[1] != 3:
        raise _malformed()
    described: list[list[int]] = array_of(table).tolist()
    rest = list(tensors[1:])
    parameters = _optional_texts(rest, _PARAMETERS, len(described)) or [None] * len(described)
    _optional_texts(rest, _TRACE, len(described))
    ids = []
    calls: list[Call] = []
    total = 0
    for (part, rows, remaining_us), text in zip(described, parameters, strict=True):
        if rows < 0:
            raise _malformed()
        total += rows
        ids.append(part)
        calls.append((rows, text, now + remaining_us / 1e6))
    for tensor in rest:
        if not tensor.shape or tensor.shape[0] != total:
            raise _malformed()
    return MergedCalls(ids, calls, rest)


def merge_answers(answers: Sequence[PartAnswer]) -> tuple[Tensor, ...]:
    """The tensors of one message; the outputs of those that did not fail differ in their rows alone."""
    table: list[int] = []
    succeeded = []
    for answer in answers:
        if answer.error is None:
            succeeded.append(answer)
            table += (answer.id, answer.rows, 0)
        else:
            table += (answer.id, 0, answer.error.status_number)
    merged = [Tensor(_PARTS, "INT64", (len(answers), 3), struct.pack(f"<{len(table)}q", *table))]
    if len(succeeded) < len(answers):
        errors = [_error_text(answer.error) for answer in answers]
        merged.append(Tensor(_ERRORS, "BYTES", (len(answers),), encode_strings(errors)))
    if succeeded:
        rows = sum(answer.rows for answer in succeeded)
        for column, (name, datatype, shape, _) in enumerate(succeeded[0].outputs):
            raw = b"".join([answer.outputs[column].raw for answer in succeeded])
            merged.append(Tensor(name, datatype, (rows, *shape[1:]), raw))
    return tuple(merged)


def _error_text(error: WrapperError | None) -> str:
    return "" if error is None else json.dumps({"code": error.code, "error": error.message}, ensure_ascii=False)


def _optional_texts(tensors: list[Tensor], name: str, count: int) -> list[str | None] | None:
    if not tensors or tensors[0].name != name:
        return None
    texts: list[str | None] = [*strings_of(tensors.pop(0))]
    if len(texts) != count:
        raise _malformed()
    return texts


def _malformed() -> WrapperError:
    return WrapperError("INVALID_INPUT", "A merged message does not describe its parts consistently.")
