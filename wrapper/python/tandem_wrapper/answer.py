"""What `predict` returned, as tensors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import WrapperError
from .tensors import Tensor, encode_strings

DEFAULT_OUTPUT = "predictions"
_FP64 = np.dtype("<f8")


class Outputs(tuple[Tensor, ...]):
    """Outputs that are tensors already, with nulls among them: what a set of functions answers."""


def check_answer(answer: Any, rows: int) -> tuple[Tensor, ...]:
    """
    The outputs of `rows` rows: a number, a text or a list of numbers a row, one output or several by name. The bytes
    are copies: a predictor may fill the same array again. Raises PREDICTOR_INVALID_OUTPUT with a sentence that says what
    came back and what is wanted.
    """
    if isinstance(answer, Outputs):
        return answer
    if type(answer) is np.ndarray:
        # Nearly every answer: a double a row, told in one look.
        if answer.shape == (rows,) and answer.dtype is _FP64 and math.isfinite(answer.dot(answer)):
            return (Tensor(DEFAULT_OUTPUT, "FP64", answer.shape, answer.tobytes()),)
        return (_read_array(DEFAULT_OUTPUT, "`predict`", answer, rows),)
    if isinstance(answer, Mapping):
        if not answer:
            raise _invalid("`predict` returned a dict without outputs")
        return tuple(_read_named(name, value, rows) for name, value in answer.items())
    return (_read(DEFAULT_OUTPUT, "`predict`", answer, rows),)


def _read_named(name: Any, value: Any, rows: int) -> Tensor:
    if not isinstance(name, str) or name == "" or name.startswith("tandem."):
        raise _invalid(f'{name!r} is no name for an output: it is a text, not empty, and does not begin with "tandem."')
    return _read(name, f'Output "{name}" of `predict`', value, rows)


def _read(name: str, what: str, value: Any, rows: int) -> Tensor:
    if value is None or isinstance(value, str | bytes | int | float | Mapping):
        raise _invalid(f"{what} returned {_described(value)}; it returns one number or text a row")
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        raise _invalid(f"{what} returned rows of different lengths; every row has as many numbers") from None
    return _read_array(name, what, array, rows)


def _read_array(name: str, what: str, array: npt.NDArray[Any], rows: int) -> Tensor:
    kind = array.dtype.kind
    if array.ndim == 0:
        raise _invalid(f"{what} returned {_described(array.item())}; it returns one number or text a row")
    if len(array) != rows:
        raise _invalid(f"{what} returned {_count(len(array), 'value')} for {_count(rows, 'row')}")
    if kind in "fiub":
        numbers = array if array.dtype is _FP64 else array.astype(_FP64, copy=False)
        if kind == "f" and not _is_finite(numbers):
            raise _not_finite(what, numbers)
        return Tensor(name, "FP64", array.shape, numbers.tobytes())
    if kind in "OU" and array.ndim == 1:
        texts = array.tolist()
        for row, text in enumerate(texts):
            if not isinstance(text, str):
                raise _invalid(f"{what} returned {_described(text)} for row {row} among texts")
        return Tensor(name, "BYTES", array.shape, encode_strings(texts))
    raise _invalid(f"{what} returned an array of {array.dtype}; it returns one number or text a row")


def _is_finite(numbers: npt.NDArray[Any]) -> bool:
    """A finite sum of squares has none that is not: a third of looking at each. It overflows where numbers are huge."""
    flat = numbers.reshape(-1)
    return math.isfinite(flat.dot(flat)) or bool(np.isfinite(flat).all())


def _not_finite(what: str, numbers: npt.NDArray[Any]) -> WrapperError:
    first = np.argwhere(~np.isfinite(numbers))[0]
    value = numbers[tuple(first)]
    shown = "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return _invalid(f"{what} returned {shown} for row {first[0]}; every number is finite")


def _described(value: Any) -> str:
    if value is None:
        return "None"
    if hasattr(value, "__await__"):
        return "a coroutine; await it"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _invalid(problem: str) -> WrapperError:
    return WrapperError("PREDICTOR_INVALID_OUTPUT", f"{problem}.")
