"""The features of a case, as the tensors that the orchestrator would send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..layout import Feature, Layout, numbers_of
from ..tensors import Tensor, array_of, encode_strings

Case = tuple[Layout, list[Tensor], int]


def case_of(
    features: Mapping[str, Any] | None, matrix: Any, feature_names: Sequence[str] | None, dtype: str
) -> Case:
    """The layout of the case, its tensors and its rows. Raises ValueError where it is none."""
    if (features is None) == (matrix is None):
        raise ValueError("give either features or matrix")
    if features is None:
        return _of_matrix(matrix, feature_names, dtype)
    if feature_names is not None:
        raise ValueError("feature_names goes with matrix; features has its names")
    columns = [_column(name, values, dtype) for name, values in features.items()]
    counts = {column.name: column.shape[0] for column in columns}
    if len(set(counts.values())) != 1:
        raise ValueError(f"every feature must have as many values as there are rows, not {counts or 'none'}")
    described = tuple(
        Feature(each.name, "string" if each.datatype == "BYTES" else "double", each.datatype) for each in columns
    )
    rows = columns[0].shape[0]
    if any(column.datatype == "BYTES" or len(column.shape) > 1 for column in columns):
        return Layout(described, "columns", dtype), columns, rows
    return Layout(described, "matrix", dtype), [_tensor("features", np.column_stack(list(map(array_of, columns))), dtype)], rows


def _of_matrix(matrix: Any, names: Sequence[str] | None, dtype: str) -> Case:
    values = np.asarray(matrix, dtype)
    if values.ndim != 2:
        raise ValueError(f"matrix must be of shape [N, F], is {list(values.shape)}")
    features = None if names is None else tuple(Feature(name, "double", numbers_of(dtype)) for name in names)
    return Layout(features, "matrix", dtype), [_tensor("features", values, dtype)], len(values)


def _column(name: str, values: Any, dtype: str) -> Tensor:
    listed = list(values)
    if not any(isinstance(value, str) for value in listed):
        try:
            return _tensor(name, np.asarray(listed, dtype), dtype)
        except (TypeError, ValueError) as cause:
            raise ValueError(f'the feature "{name}" has values that are neither numbers nor texts') from cause
    for row, value in enumerate(listed):
        if not isinstance(value, str):
            raise ValueError(f'the feature "{name}" has {value!r} in row {row} among texts; null comes as its default')
    return Tensor(name, "BYTES", (len(listed),), encode_strings(listed))


def _tensor(name: str, values: np.ndarray[Any, Any], dtype: str) -> Tensor:
    return Tensor(name, numbers_of(dtype), values.shape, values.tobytes())
