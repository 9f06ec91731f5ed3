"""Values of Python, NumPy and pandas as those of JSON."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

_MAX_SAFE = 2**53 - 1
"""JSON's numbers are doubles: a whole number beyond it is sent as its decimal text, which an int64 takes."""


def json_value(value: Any) -> Any:
    """
    NaN, NaT, NA and None are null, a timestamp is RFC 3339 in UTC. Raises ValueError with what is wrong ("must be …, is …").
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if -_MAX_SAFE <= value <= _MAX_SAFE else str(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        if math.isnan(value):
            return None
        raise ValueError("must be a finite number")
    if isinstance(value, datetime):
        return _timestamp(value)
    if isinstance(value, Mapping):
        return {name: json_value(each) for name, each in value.items()}
    if is_list(value):
        return [json_value(each) for each in values_of(value)]
    if isinstance(value, np.generic):
        return json_value(_scalar(value))
    if (pandas := sys.modules.get("pandas")) is not None and value is pandas.NA:
        return None
    raise ValueError(
        f"must be a number, a text, a bool, a timestamp with a zone, None or a list of these, is of type {type(value).__name__}"
    )


def is_list(value: Any) -> bool:
    """Whether it has one value after the other: a list or tuple, an array of NumPy, a Series or Index of pandas."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, str | bytes) or _is_pandas(value)


def values_of(values: Any) -> Sequence[Any]:
    """What a list has, as objects of Python, but for times of NumPy: made of nanoseconds they would be plain numbers."""
    if isinstance(values, np.ndarray):
        arrayed: Sequence[Any] = list(values) if values.dtype.kind in "mM" else values.tolist()
        return arrayed
    listed: Sequence[Any] = values.tolist() if _is_pandas(values) else values
    return listed


def _is_pandas(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "pandas" and hasattr(value, "tolist")


def _scalar(value: np.generic) -> Any:
    if isinstance(value, np.datetime64):
        if np.isnat(value):
            return None
        raise _no_zone(value)
    if isinstance(value, np.timedelta64):
        raise ValueError("must not be a duration; send a number of seconds")
    return value.item()


def _timestamp(value: datetime) -> str | None:
    if value != value:  # pandas.NaT, which is a datetime
        return None
    if value.utcoffset() is None:
        raise _no_zone(value)
    # In UTC: an offset may have seconds in Python, and has none in RFC 3339.
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _no_zone(value: object) -> ValueError:
    return ValueError(f"must be a timestamp with a zone (2013-05-05T13:00:00Z), is {value}")
