"""What `predict` is given."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .errors import WrapperError
from .optional import missing

if TYPE_CHECKING:
    import pandas

Column = npt.NDArray[Any] | list[str]


class Columns(Mapping[str, Column]):
    """The features of a request by name: `request.columns["plane.seats"]`. KeyError names those that there are."""

    __slots__ = ("_columns", "_features", "_matrix")

    def __init__(
        self, features: tuple[str, ...], matrix: npt.NDArray[Any] | None, columns: list[Column] | None
    ) -> None:
        self._features = features
        self._matrix = matrix
        self._columns = columns

    def __getitem__(self, name: str) -> Column:
        try:
            at = self._features.index(name)
        except ValueError:
            there = ", ".join(self._features)
            raise KeyError(f'There is no feature "{name}"; there are {there}') from None
        if self._columns is not None:
            return self._columns[at]
        assert self._matrix is not None
        column: npt.NDArray[Any] = self._matrix[:, at]
        return column

    def __iter__(self) -> Iterator[str]:
        return iter(self._features)

    def __len__(self) -> int:
        return len(self._features)


class PredictRequest:
    """
    One call. What is read of the message lies over its bytes and cannot be written to: copy what you change.

    rows: how many rows, N.
    features: the names of all features, in the order of the matrix's columns.
    """

    __slots__ = ("_columns", "_matrix", "_parameters", "deadline", "features", "gone", "parameters_text", "rows")

    def __init__(
        self,
        rows: int,
        features: tuple[str, ...],
        matrix: npt.NDArray[Any] | None,
        columns: list[Column] | None,
        parameters: str | None,
        deadline: float | None,
    ) -> None:
        self.rows = rows
        self.features = features
        self._matrix = matrix
        self._columns = columns
        self.parameters_text = parameters
        """JSON; None where the caller sent none."""
        self._parameters: dict[str, Any] | None = None
        self.deadline = deadline
        """Of `time.monotonic`; None without one."""
        self.gone: WrapperError | None = None
        """Why nobody waits for the answer any more; None while somebody does."""

    @property
    def matrix(self) -> npt.NDArray[Any]:
        """N x F values, float64 (float32 with `dtype: float32`); NaN is null. With `tensors: columns` use `columns`."""
        if self._matrix is None:
            raise AttributeError("with `tensors: columns` there is no matrix; read request.columns")
        return self._matrix

    @property
    def columns(self) -> Columns:
        """Each feature by name: a view of the matrix, or its own tensor. Texts are a list of str."""
        return Columns(self.features, self._matrix, self._columns)

    def frame(self) -> pandas.DataFrame:
        """All features as a pandas DataFrame. Raises ImportError where pandas is not installed."""
        try:
            import pandas
        except ModuleNotFoundError as cause:
            raise missing("request.frame()", "pandas") from cause
        if self._matrix is not None:
            return pandas.DataFrame(self._matrix, columns=list(self.features), copy=False)
        return pandas.DataFrame(dict(self.columns))

    @property
    def parameters(self) -> dict[str, Any]:
        """The request's `parameters`, as the caller sent them."""
        if self._parameters is None:
            self._parameters = _parse(self.parameters_text)
        return self._parameters

    @property
    def remaining(self) -> float | None:
        """Seconds until nobody waits for the answer any more, 0 when it has passed; None without a deadline."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    @property
    def cancelled(self) -> bool:
        """Whether the caller has gone, or its deadline has passed."""
        return self.gone is not None or (self.deadline is not None and time.monotonic() >= self.deadline)


def join_requests(requests: Sequence[PredictRequest]) -> PredictRequest:
    """One request with the rows of several, in their order; they have the same features and parameters."""
    first = requests[0]
    matrix = None if first._matrix is None else np.concatenate([request.matrix for request in requests])
    columns = None
    if first._columns is not None:
        columns = [_join([request._columns[at] for request in requests if request._columns]) for at in range(len(first.features))]
    rows = sum(request.rows for request in requests)
    deadlines = [request.deadline for request in requests if request.deadline is not None]
    return PredictRequest(
        rows, first.features, matrix, columns, first.parameters_text, min(deadlines) if deadlines else None
    )


def _join(columns: Sequence[Column]) -> Column:
    if isinstance(columns[0], list):
        return [text for column in columns for text in column]
    return np.concatenate(columns)


def _parse(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    try:
        parsed = json.loads(text)
    except ValueError as cause:
        raise WrapperError("INVALID_INPUT", "The parameters of the request are not JSON.") from cause
    if not isinstance(parsed, dict):
        raise WrapperError("INVALID_INPUT", "The parameters of the request are not a JSON object.")
    return parsed
