"""What a function returned, as a column of its feature. ValueError says what came back and what is wanted."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

_LARGEST_INTEGER = 2.0**53
"""The largest that a double holds with all of its digits."""


def numbers_result(result: Any, rows: int, kind: str) -> npt.NDArray[np.float64]:
    """
    A double a row, null as NaN, which is what anything not finite is too. `kind` is the type of the feature: a bool is
    0 or 1, an int64 whole and within 2^53, a timestamp seconds since 1970.
    """
    if isinstance(result, np.ma.MaskedArray):
        result = np.ma.filled(result.astype(np.float64), np.nan)
    array = _one_dimension(result, rows)
    if array.dtype.kind == "O":
        array = np.array([_number(value, row) for row, value in enumerate(array)], np.float64)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"it returned an array of {array.dtype}, not numbers")
    # A copy of its own: what came back may be an argument, or is filled again by the next call.
    numbers = array.astype(np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    if kind == "bool":
        _refuse(numbers, (numbers != 0) & (numbers != 1), "no bool")
    if kind == "int64":
        _refuse(numbers, (numbers != np.rint(numbers)) | (np.abs(numbers) > _LARGEST_INTEGER), "no int64 within 2^53")
    return numbers


def texts_result(result: Any, rows: int) -> list[str | None]:
    """A text or None a row; what NumPy and pandas have for nothing is None."""
    array = _one_dimension(result, rows)
    texts: list[str | None] = []
    for row, value in enumerate(array.tolist()):
        if not isinstance(value, str) and not _is_null(value):
            raise ValueError(f"it returned a {type(value).__name__} for row {row}, not a text")
        texts.append(value if isinstance(value, str) else None)
    return texts


def _one_dimension(result: Any, rows: int) -> npt.NDArray[Any]:
    if result is None or isinstance(result, str | bytes | dict | Real) or hasattr(result, "__await__"):
        raise ValueError(f"it returned a {type(result).__name__}, not a value a row")
    # Texts stay what they are: NumPy would cut trailing NULs, and write None as "None".
    array = np.asarray(result, object) if isinstance(result, list | tuple) else np.asarray(result)
    if array.ndim != 1:
        raise ValueError(f"it returned an array of {array.ndim} dimensions, not a value a row")
    if len(array) != rows:
        raise ValueError(f"it returned {len(array)} values for {rows} rows")
    return array


def _number(value: Any, row: int) -> float:
    if _is_null(value):
        return float("nan")
    if not isinstance(value, Real | np.bool_):
        raise ValueError(f"it returned a {type(value).__name__} for row {row}, not a number")
    return float(value)


def _is_null(value: Any) -> bool:
    # pandas.NA is no value to compare with: it answers every comparison with itself.
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)


def _refuse(numbers: npt.NDArray[np.float64], wrong: npt.NDArray[np.bool_], what: str) -> None:
    rows = np.flatnonzero(wrong & ~np.isnan(numbers))
    if len(rows) > 0:
        raise ValueError(f"it returned {numbers[rows[0]]} for row {rows[0]}, which is {what}")
