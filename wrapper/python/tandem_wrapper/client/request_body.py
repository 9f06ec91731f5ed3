"""The body of a call."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

from .error import Detail, TandemError
from .json_values import is_list, json_value, values_of

if TYPE_CHECKING:
    import pandas

Instances = Union[Sequence[Mapping[str, Any]], Mapping[str, Iterable[Any]], "pandas.DataFrame"]
"""A list of dicts, one an instance; a dict of lists or arrays, one an input; or a DataFrame, whose columns are inputs."""


def encode_body(
    instances: Instances,
    request: Mapping[str, Any] | None,
    parameters: Mapping[str, Any] | None,
    features: Sequence[str] | None = None,
) -> bytes:
    """JSON. Raises INVALID_INPUT where a value has no JSON, naming it as the server would."""
    body: dict[str, Any] = {}
    if request is not None:
        body["request"] = {name: _value(each, f"request.{name}") for name, each in request.items()}
    if parameters is not None:
        body["parameters"] = {name: _value(each, f"parameters.{name}") for name, each in parameters.items()}
    if features is not None:
        body["features"] = list(features)
    if isinstance(instances, Mapping):
        body["inputs"] = {name: _column(name, values) for name, values in instances.items()}
    elif _is_frame(instances):
        body["inputs"] = {name: _column(name, values) for name, values in _columns_of(instances)}
    elif is_list(instances):
        body["instances"] = [_instance(at, instance) for at, instance in enumerate(instances)]
    else:
        problem = f"must be a list of dicts, a dict of columns or a DataFrame, is of type {type(instances).__name__}"
        raise _invalid("instances", {"field": "instances", "problem": problem})
    return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()


def _instance(at: int, instance: Any) -> dict[str, Any]:
    if not isinstance(instance, Mapping):
        detail: Detail = {"instance": at, "problem": f"must be a dict of inputs, is of type {type(instance).__name__}"}
        raise _invalid(f"instances[{at}]", detail)
    return {name: _value(value, name, at) for name, value in instance.items()}


def _column(name: str, values: Any) -> list[Any]:
    if not is_list(values):
        problem = "must be a list with one value an instance; a single instance is sent as a list with one dict"
        raise _invalid(f"inputs.{name}", {"field": f"inputs.{name}", "problem": problem})
    return [_value(value, name, at) for at, value in enumerate(values_of(values))]


def _value(value: Any, field: str, instance: int | None = None) -> Any:
    try:
        return json_value(value)
    except ValueError as cause:
        problem = str(cause)
        if instance is None:
            raise _invalid(field, {"field": field, "problem": problem}) from cause
        detail: Detail = {"instance": instance, "field": field, "problem": problem}
        raise _invalid(f"instances[{instance}].{field}", detail) from cause


def _is_frame(instances: Any) -> bool:
    # Who has a DataFrame has imported pandas.
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(instances, pandas.DataFrame)


def _columns_of(frame: Any) -> Iterator[tuple[str, Any]]:
    for at, name in enumerate(frame.columns):
        if not isinstance(name, str) or not frame.columns.is_unique:
            problem = "must have columns with names, each once"
            raise _invalid("The DataFrame", {"field": "inputs", "problem": problem})
        yield name, frame.iloc[:, at]


def _invalid(place: str, detail: Detail) -> TandemError:
    return TandemError("INVALID_INPUT", f"{place} {detail['problem']}.", details=[detail])
