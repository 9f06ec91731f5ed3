"""
`tandem.stream.v1`: calls that are ready at once travel as the parts of one message. proto/parts.ts says how.

Request: `tandem.parts` INT64 [P,3] = id, rows, remaining µs; `tandem.parameters` and `tandem.trace` BYTES [P] where any
part has them; then the model's tensors, each of the rows of all parts. Answer: `tandem.parts` INT64 [P,3] = id, rows,
status; `tandem.errors` BYTES [P] where any failed; then the outputs of those that did not. Cancel: `tandem.cancel`
INT64 [K] = ids.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Sequence
from typing import NamedTuple

from .errors import WrapperError
from .tensors import DTYPES, Tensor, array_of, encode_strings, strings_of

STREAM_EXTENSION = "tandem.stream.v1"
_PARTS, _PARAMETERS, _TRACE, _ERRORS, _CANCEL = (
    "tandem.parts",
    "tandem.parameters",
    "tandem.trace",
    "tandem.errors",
    "tandem.cancel",
)


class WirePart(NamedTuple):
    """One call of a merged message, with views of its own rows."""

    id: int
    rows: int
    remaining_us: int
    tensors: tuple[Tensor, ...]
    parameters: str | None


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


def read_parts(tensors: Sequence[Tensor]) -> list[WirePart] | None:
    """The parts of a merged request; None where it is an ordinary one. Raises INVALID_INPUT."""
    if not tensors or tensors[0].name != _PARTS:
        return None
    table = tensors[0]
    if table.datatype != "INT64" or len(table.shape) != 2 or table.shape[1] != 3:
        raise _malformed()
    described: list[list[int]] = array_of(table).tolist()
    rest = list(tensors[1:])
    parameters = _optional_texts(rest, _PARAMETERS, len(described))
    _optional_texts(rest, _TRACE, len(described))
    counts = [rows for _, rows, _ in described]
    if any(rows < 0 for rows in counts):
        raise _malformed()
    splits = zip(*[_split(tensor, counts, sum(counts)) for tensor in rest], strict=True) if rest else [()] * len(counts)
    return [
        WirePart(part, rows, remaining, tensors, parameters[at] if parameters else None)
        for at, ((part, rows, remaining), tensors) in enumerate(zip(described, splits, strict=True))
    ]


def merge_answers(answers: Sequence[PartAnswer]) -> tuple[Tensor, ...]:
    """The tensors of one message; the outputs of those that did not fail are alike (`layout_of`)."""
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


def layout_of(answer: PartAnswer) -> tuple[object, ...] | None:
    """What two answers of one message have alike: all but the rows. None of a failed one, which goes with any."""
    if answer.error is not None:
        return None
    return tuple([(name, datatype, shape[1:]) for name, datatype, shape, _ in answer.outputs])


def _error_text(error: WrapperError | None) -> str:
    return "" if error is None else json.dumps({"code": error.code, "error": error.message}, ensure_ascii=False)


def _optional_texts(tensors: list[Tensor], name: str, count: int) -> list[str] | None:
    if not tensors or tensors[0].name != name:
        return None
    texts = strings_of(tensors.pop(0))
    if len(texts) != count:
        raise _malformed()
    return texts


def _split(tensor: Tensor, rows: Sequence[int], total: int) -> list[Tensor]:
    name, datatype, shape, raw = tensor
    if not shape or shape[0] != total:
        raise _malformed()
    if datatype == "BYTES":
        return _split_strings(tensor, rows)
    dtype = DTYPES.get(datatype)
    if dtype is None:
        raise _malformed()
    width = math.prod(shape[1:]) * dtype.itemsize
    if width * total != len(raw):
        raise _malformed()
    parts = []
    at = 0
    for count in rows:
        parts.append(Tensor(name, datatype, (count, *shape[1:]), raw[at : at + count * width]))
        at += count * width
    return parts


def _split_strings(tensor: Tensor, rows: Sequence[int]) -> list[Tensor]:
    texts = strings_of(tensor)
    width = math.prod(tensor.shape[1:])
    parts = []
    at = 0
    for count in rows:
        own = texts[at : at + count * width]
        parts.append(Tensor(tensor.name, "BYTES", (count, *tensor.shape[1:]), encode_strings(own)))
        at += count * width
    return parts


def _malformed() -> WrapperError:
    return WrapperError("INVALID_INPUT", "A merged message does not describe its parts consistently.")
