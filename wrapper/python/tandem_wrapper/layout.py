"""How the features of a model's calls are laid out, and how their tensors are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import WrapperError
from .request import Column, PredictRequest
from .tensors import Tensor, array_of, strings_of

_MATRIX = "features"
_FEATURES, _TENSORS, _DTYPE = "tandem.features", "tandem.tensors", "tandem.dtype"
LOAD_HEADER = "tandem-load"


Call = tuple[int, str | None, float | None]
"""What a call says of itself beside its tensors: its rows, its parameters as JSON, its deadline of `time.monotonic`."""


@dataclass(frozen=True)
class Feature:
    """A feature as the tensors carry it: `type` is the YAML's, `datatype` FP64, FP32 or BYTES."""

    name: str
    type: str
    datatype: str
    codes: str | None = None
    """What tells its list of categories from another: a model may have been saved anew with other codes."""


@dataclass(frozen=True)
class Layout:
    """The features of a call, in their order. `features` None: not told; a matrix of any width is taken."""

    features: tuple[Feature, ...] | None = None
    tensors: str = "matrix"
    dtype: str = "float64"
    is_sparse: bool = False
    """A call has the columns of some features only: those of the functions that it calls."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features or ())

    @cached_property
    def _numpy(self) -> np.dtype[Any]:
        return np.dtype(self.dtype)

    def inputs(self) -> list[tuple[str, str, tuple[int, ...]]]:
        """The tensors that a model takes, as ModelMetadata tells them; -1 is a free dimension."""
        if self.tensors == "columns":
            return [(feature.name, feature.datatype, (-1,)) for feature in self.features or ()]
        width = -1 if self.features is None else len(self.features)
        return [(_MATRIX, numbers_of(self.dtype), (-1, width))]

    def read(self, tensors: Sequence[Tensor], calls: Sequence[Call]) -> list[PredictRequest]:
        """
        The requests that `predict` gets: the tensors hold the rows of all calls, one call after the other. Raises
        INVALID_INPUT where they are not those of the metadata.
        """
        total = sum([rows for rows, _, _ in calls])
        if self.tensors == "columns":
            features = self._features_of(tensors)
            columns = [_read_column(feature, tensors, total, self._numpy) for feature in features]
            names = tuple([feature.name for feature in features]) if self.is_sparse else self.names
            return _split(calls, names, None, columns)
        if len(tensors) != 1 or tensors[0].name != _MATRIX:
            there = ", ".join(f'"{tensor.name}"' for tensor in tensors) or "none"
            raise _mismatch(f'takes one tensor "{_MATRIX}", not {there}')
        (tensor,) = tensors
        width = tensor.shape[-1] if self.features is None else len(self.features)
        if tensor.shape != (total, width):
            raise _mismatch(f'takes "{_MATRIX}" of shape [{total}, {width}], not {_shown(tensor.shape)}')
        matrix = array_of(_numbers(tensor))
        if matrix.dtype is not self._numpy:
            matrix = matrix.astype(self._numpy, copy=False)
        names = self.names if self.features is not None else tuple([str(column) for column in range(width)])
        return _split(calls, names, matrix, None)

    def _features_of(self, tensors: Sequence[Tensor]) -> tuple[Feature, ...]:
        features = self.features or ()
        if not self.is_sparse:
            return features
        there = {tensor.name for tensor in tensors}
        return tuple(feature for feature in features if feature.name in there)


def numbers_of(dtype: str) -> str:
    """The datatype of numeric features."""
    return "FP32" if dtype == "float32" else "FP64"


def read_load(parameters: Mapping[str, Any], own: Layout) -> tuple[str, Layout] | None:
    """The key and the layout that a RepositoryModelLoad asks for; None where it names none. Raises INVALID_INPUT."""
    texts = {name: parameters[name].string_param for name in (_FEATURES, _TENSORS, _DTYPE) if name in parameters}
    if _FEATURES not in texts:
        return None
    known = {(feature.name, feature.type): feature for feature in own.features or ()}
    tensors = texts.get(_TENSORS, own.tensors)
    dtype = texts.get(_DTYPE, own.dtype)
    if tensors not in ("matrix", "columns"):
        raise WrapperError("INVALID_INPUT", f"The parameter {_TENSORS} is one of matrix, columns.")
    if dtype not in ("float64", "float32"):
        raise WrapperError("INVALID_INPUT", f"The parameter {_DTYPE} is one of float64, float32.")
    numbers = numbers_of(dtype)
    try:
        named = [
            (str(each["name"]), str(each["type"]), each.get("datatype"), each.get("codes"))
            for each in json.loads(texts[_FEATURES])
        ]
    except (ValueError, TypeError, KeyError, AttributeError) as cause:
        raise WrapperError("INVALID_INPUT", f"The parameter {_FEATURES} is not a list of names and types.") from cause
    features = []
    for name, kind, datatype, codes in named:
        default = known[name, kind].datatype if (name, kind) in known else "BYTES" if kind == "string" else numbers
        features.append(Feature(name, kind, "BYTES" if (datatype or default) == "BYTES" else numbers, codes))
    return load_key(texts), replace(own, features=tuple(features), tensors=tensors, dtype=dtype)


def _split(
    calls: Sequence[Call], names: tuple[str, ...], matrix: npt.NDArray[Any] | None, columns: list[Column] | None
) -> list[PredictRequest]:
    """The requests of calls whose rows lie one after the other."""
    requests = []
    at = 0
    for rows, parameters, deadline in calls:
        stop = at + rows
        own = None if matrix is None else matrix[at:stop]
        own_columns = None if columns is None else [column[at:stop] for column in columns]
        requests.append(PredictRequest(rows, names, own, own_columns, parameters, deadline))
        at = stop
    return requests


def load_key(texts: Mapping[str, str]) -> str:
    """What both sides call a load of these parameters; proto/load-parameters.ts makes the same."""
    ordered = [texts.get(name, "") for name in (_FEATURES, _TENSORS, _DTYPE)]
    text = json.dumps(ordered, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read_column(feature: Feature, tensors: Sequence[Tensor], rows: int, dtype: np.dtype[Any]) -> Column:
    tensor = next((each for each in tensors if each.name == feature.name), None)
    if tensor is None:
        raise _mismatch(f'takes a tensor "{feature.name}", which is missing')
    if tensor.shape not in ((rows,), (rows, 1)):
        raise _mismatch(f'takes "{feature.name}" of shape [{rows}], not {_shown(tensor.shape)}')
    if feature.datatype != "BYTES":
        return array_of(_numbers(tensor)).reshape(rows).astype(dtype, copy=False)
    if tensor.datatype != "BYTES":
        raise _mismatch(f'takes "{feature.name}" as BYTES, not {tensor.datatype}')
    return strings_of(tensor)


def _numbers(tensor: Tensor) -> Tensor:
    if tensor.datatype == "BYTES":
        raise _mismatch(f'takes "{tensor.name}" as numbers, not BYTES')
    return tensor


def _shown(shape: Sequence[int]) -> str:
    return f"[{', '.join(map(str, shape))}]"


def _mismatch(problem: str) -> WrapperError:
    return WrapperError("INVALID_INPUT", f"The model {problem}.")
