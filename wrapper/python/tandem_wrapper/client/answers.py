"""What a call answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

import numpy as np
import numpy.typing as npt

from ..optional import missing
from .error import Detail

if TYPE_CHECKING:
    import pandas

Array = npt.NDArray[Any]


class Degraded(TypedDict):
    """A view whose values were not all fresh; `rows` with `parameters={"degraded": "full"}`."""

    view: str
    status: str
    source: str
    count: int
    rows: NotRequired[list[int]]


class InstanceError(TypedDict):
    """An instance that failed while its neighbours did not."""

    instance: int
    code: str
    error: str
    details: NotRequired[list[Detail]]


@dataclass(frozen=True, eq=False)
class Answer:
    """
    predictions: float64, one a row, NaN where the instance failed (see `errors`); `[N, k]` where the model gives several a
        row; an array of str and None where it gives texts. Several outputs are a dict of these.
    ids: what the model's `id` names, one a row; None where it names none.
    ranking: with `topK`, the rows with the highest predictions, highest first; else None.
    degraded, errors: empty where there is nothing to say.
    fallback: the code that the model's fallback stood in for, or None.
    """

    predictions: Array | dict[str, Array]
    ids: list[Any] | None
    ranking: npt.NDArray[np.int64] | None
    degraded: list[Degraded]
    errors: list[InstanceError]
    fallback: str | None
    model_version: str | None
    request_id: str | None

    @staticmethod
    def read(body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """The JSON of an answer, with its headers."""
        ranking = body.get("ranking")
        return Answer(
            predictions=_read_predictions(body["predictions"]),
            ids=body.get("ids"),
            ranking=None if ranking is None else np.array(ranking, np.int64),
            degraded=body.get("degraded", []),
            errors=body.get("errors", []),
            fallback=body.get("fallback"),
            model_version=headers.get("X-Model-Version"),
            request_id=headers.get("X-Request-Id"),
        )

    def frame(self) -> pandas.DataFrame:
        """
        A row an instance, by `ids` where there are some: the column `prediction`, or the outputs by name; and where
        instances failed, `error` with their codes. Raises ImportError where pandas is not installed.
        """
        named = self.predictions if isinstance(self.predictions, dict) else {"prediction": self.predictions}
        columns = dict(named)
        if self.errors:
            codes = np.full(len(next(iter(named.values()))), None, object)
            for error in self.errors:
                codes[error["instance"]] = error["code"]
            columns.setdefault("error", codes)
        return _frame("Answer.frame()", columns, self.ids)


@dataclass(frozen=True, eq=False)
class Feature:
    """
    values: as the model's matrix has them; NaN is null.
    statuses, sources: of each value, by the words of docs/serving.md.
    ages_ms: of the row that each was read from, NaN where it has no time; None where it is no view's.
    """

    name: str
    values: Array
    statuses: list[str]
    sources: list[str]
    ages_ms: npt.NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class FeaturesAnswer:
    """`features` by name, in the order of the model's; the rest is as in `Answer`."""

    rows: int
    features: dict[str, Feature]
    ids: list[Any] | None
    degraded: list[Degraded]
    errors: list[InstanceError]
    request_id: str | None

    @staticmethod
    def read(body: Mapping[str, Any], headers: Mapping[str, str]) -> FeaturesAnswer:
        """The JSON of an answer, with its headers."""
        return FeaturesAnswer(
            rows=body["rows"],
            features={each["name"]: _read_feature(each) for each in body["features"]},
            ids=body.get("ids"),
            degraded=body.get("degraded", []),
            errors=body.get("errors", []),
            request_id=headers.get("X-Request-Id"),
        )

    def frame(self) -> pandas.DataFrame:
        """A row an instance, a column a feature. Raises ImportError where pandas is not installed."""
        columns = {name: feature.values for name, feature in self.features.items()}
        return _frame("FeaturesAnswer.frame()", columns, self.ids)


def _read_predictions(values: Sequence[Any]) -> Array | dict[str, Array]:
    named = next((each for each in values if isinstance(each, dict)), None)
    if named is None:
        return _array(values)
    return {name: _array([None if each is None else each[name] for each in values]) for name in named}


def _read_feature(each: Mapping[str, Any]) -> Feature:
    ages = each.get("agesMs")
    ages_ms = None if ages is None else np.array(ages, np.float64)
    return Feature(each["name"], _array(each["values"]), each["statuses"], each["sources"], ages_ms)


def _array(values: Sequence[Any]) -> Array:
    given = next((each for each in values if each is not None), None)
    if isinstance(given, str):
        return np.array(values, object)
    if isinstance(given, list):
        return np.array([[None] * len(given) if each is None else each for each in values], np.float64)
    return np.array(values, np.float64)  # which makes None NaN


def _frame(what: str, columns: Mapping[str, Array], ids: list[Any] | None) -> pandas.DataFrame:
    try:
        import pandas
    except ModuleNotFoundError as cause:
        raise missing(what, "pandas") from cause
    index = None if ids is None else pandas.Index(ids, name="id")
    # A column is of one dimension: several numbers a row are an array in each cell.
    cells = {name: values if values.ndim == 1 else list(values) for name, values in columns.items()}
    return pandas.DataFrame(cells, index=index)
