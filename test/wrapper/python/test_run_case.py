"""`run_case`, and what a predictor is given by it: what the wrapper gives."""

import asyncio
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tandem_wrapper.errors import WrapperError
from tandem_wrapper.testing import run_case

FILE = """
import json
from pathlib import Path

BASE = 0.0


class Linear:
    def load(self, model_dir):
        self.weights = json.loads((Path(model_dir) / "weights.json").read_text())

    def predict(self, request):
        return BASE + request.matrix @ self.weights


class Other:
    def predict(self, request):
        return {"sum": request.matrix.sum(axis=1), "label": ["x"] * request.rows}
"""


class Shown:
    """Keeps what it was given."""

    def predict(self, request: Any) -> Any:
        self.request = request
        return np.zeros(request.rows)


def shown(**case: Any) -> Any:
    predictor = Shown()
    run_case(predictor, **case)
    return predictor.request


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "linear.py").write_text(FILE)
    (tmp_path / "weights.json").write_text("[2, 3]")
    return tmp_path


def imported(folder: Path) -> ModuleType:
    import importlib.util

    spec = importlib.util.spec_from_file_location("linear_of_test", folder / "linear.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_file_a_class_and_an_object_answer_alike(folder: Path) -> None:
    linear = imported(folder).Linear
    loaded = linear()
    loaded.load(str(folder))
    for given, model_dir in ((f"{folder}/linear.py:Linear", None), (linear, folder), (linear(), str(folder)), (loaded, None)):
        answer = run_case(given, model_dir, matrix=[[1, 2], [3, 4]])
        assert answer.tolist() == [8, 18]


def test_a_class_is_the_one_that_the_test_has_not_that_of_its_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    module = imported(folder)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(module, "BASE", 100.0)
    assert run_case(module.Linear, matrix=[[1, 2]]).tolist() == [108]


def test_several_outputs_come_by_name(folder: Path) -> None:
    answer = run_case(f"{folder}/linear.py:Other", matrix=[[1, 2]])
    assert answer["sum"].tolist() == [3]
    assert answer["label"] == ["x"]


def test_an_async_predict_runs_also_inside_a_loop() -> None:
    class Slow:
        async def predict(self, request: Any) -> Any:
            await asyncio.sleep(0)
            return request.columns["a"] + 1

    async def test() -> list[float]:
        return run_case(Slow, features={"a": [1, 2]}).tolist()

    assert asyncio.run(test()) == [2, 3]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_features_are_the_matrix_as_the_wrapper_gives_it(dtype: str) -> None:
    request = shown(features={"plane.seats": [150, None], "hour": np.array([7, 8])}, dtype=dtype)
    assert (request.rows, request.features) == (2, ("plane.seats", "hour"))
    assert request.matrix.dtype == dtype
    assert np.array_equal(request.matrix, [[150, 7], [np.nan, 8]], equal_nan=True)
    assert request.columns["hour"].tolist() == [7, 8]
    with pytest.raises(ValueError, match="read-only"):
        request.matrix[0, 0] = 1


def test_names_of_a_matrix_are_given_or_counted() -> None:
    assert shown(matrix=[[1, 2]], feature_names=["a", "b"]).features == ("a", "b")
    assert shown(matrix=[[1, 2]]).features == ("0", "1")


def test_with_texts_each_feature_is_a_tensor_of_its_own() -> None:
    request = shown(features={"carrier": ["AA", "Zoë"], "hour": [1, None]})
    assert request.columns["carrier"] == ["AA", "Zoë"]
    assert np.array_equal(request.columns["hour"], [1, np.nan], equal_nan=True)
    with pytest.raises(AttributeError, match="tensors: columns"):
        request.matrix  # noqa: B018


def test_parameters_and_the_time_that_is_left_are_told() -> None:
    request = shown(matrix=[[1]], parameters={"floor": 0.5}, remaining=30)
    assert request.parameters == {"floor": 0.5}
    assert 0 < request.remaining <= 30 and not request.cancelled
    assert (shown(matrix=[[1]]).parameters, shown(matrix=[[1]]).remaining) == ({}, None)


def test_a_frame_has_all_features_by_name() -> None:
    frame = shown(features={"a": [1, None], "b": [3, 4]}).frame()
    assert list(frame.columns) == ["a", "b"]
    assert np.array_equal(frame.to_numpy(), [[1, 3], [np.nan, 4]], equal_nan=True)
    mixed = shown(features={"carrier": ["AA", "DL"], "hour": [1, 2]}).frame()
    assert mixed.to_dict("list") == {"carrier": ["AA", "DL"], "hour": [1, 2]}


class Failing:
    def predict(self, request: Any) -> Any:
        what = request.parameters["what"]
        if what == "raise":
            raise RuntimeError("no such column")
        if what == "exit":
            raise SystemExit(3)
        return {"short": [0.5], "nan": [0.5, float("nan")], "none": None, "empty": {}}[what]


@pytest.mark.parametrize(
    ("what", "code", "sentence", "cause"),
    [
        ("raise", "PREDICTOR_FAILED", "The predictor failed; the log of the wrapper says why.", RuntimeError),
        ("exit", "PREDICTOR_FAILED", "The predictor failed; the log of the wrapper says why.", SystemExit),
        ("short", "PREDICTOR_INVALID_OUTPUT", "`predict` returned 1 value for 2 rows.", None),
        ("nan", "PREDICTOR_INVALID_OUTPUT", "`predict` returned NaN for row 1; every number is finite.", None),
        ("none", "PREDICTOR_INVALID_OUTPUT", "`predict` returned None; it returns one number or text a row.", None),
        ("empty", "PREDICTOR_INVALID_OUTPUT", "`predict` returned a dict without outputs.", None),
    ],
)
def test_a_predict_that_fails_is_told_in_the_wrappers_words(what: str, code: str, sentence: str, cause: Any) -> None:
    with pytest.raises(WrapperError) as raised:
        run_case(Failing, matrix=[[1], [2]], parameters={"what": what})
    assert (raised.value.code, raised.value.message) == (code, sentence)
    assert raised.value.__cause__ is None if cause is None else isinstance(raised.value.__cause__, cause)


def test_a_call_whose_deadline_has_passed_is_not_begun() -> None:
    with pytest.raises(WrapperError, match="The deadline passed while the call waited for the model."):
        run_case(Failing, matrix=[[1]], parameters={"what": "raise"}, remaining=0)


class NoLoad:
    def load(self, model_dir: str) -> None:
        raise ValueError("no weights")

    def predict(self, request: Any) -> Any: ...


class NoSuchClass:
    def __init__(self) -> None:
        raise KeyError

    def predict(self, request: Any) -> Any: ...


def test_a_load_that_fails_is_told_in_the_wrappers_words() -> None:
    here = Path(__file__)
    for given in (NoLoad, f"{here}:NoLoad"):
        with pytest.raises(WrapperError) as raised:
            run_case(given, here.parent, matrix=[[1]])
        assert (raised.value.code, raised.value.message) == ("NOT_READY", f"`load` of {here.name} failed: no weights.")
        assert isinstance(raised.value.__cause__, ValueError)
    for given in (NoSuchClass, f"{here}:NoSuchClass"):
        with pytest.raises(WrapperError) as raised:
            run_case(given, here.parent, matrix=[[1]])
        assert raised.value.message == f"NoSuchClass() of {here.name} failed: KeyError."


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ({}, "give either features or matrix"),
        ({"matrix": [[1]], "features": {"a": [1]}}, "give either features or matrix"),
        ({"features": {"a": [1]}, "feature_names": ["a"]}, "feature_names goes with matrix; features has its names"),
        ({"features": {"a": [1, 2], "b": [1]}}, "every feature must have as many values as there are rows, not {'a': 2, 'b': 1}"),
        ({"features": {}}, "every feature must have as many values as there are rows, not none"),
        ({"features": {"a": ["x", None]}}, 'the feature "a" has None in row 1 among texts; null comes as its default'),
        ({"features": {"a": [object()]}}, 'the feature "a" has values that are neither numbers nor texts'),
        ({"matrix": [1, 2]}, "matrix must be of shape [N, F], is [2]"),
    ],
)
def test_a_case_that_is_none_is_named(case: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError) as raised:
        run_case(Shown, **case)
    assert str(raised.value) == sentence
