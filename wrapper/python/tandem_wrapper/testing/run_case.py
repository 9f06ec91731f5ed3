"""One call of `predict` by the wrapper's own parts: its request, its runner, its check of the answer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy.typing as npt

from ..answer import DEFAULT_OUTPUT
from ..one_answer import OneAnswer
from ..open_predictor import Predictor
from ..parts import PartAnswer
from ..request import PredictRequest
from ..runner import Part, Runner
from ..tensors import array_of, strings_of
from .case_tensors import case_of
from .open_given import open_given


def run_case(
    predictor: type[Any] | Predictor | str,
    model_dir: str | Path | None = None,
    *,
    features: Mapping[str, Sequence[Any] | npt.NDArray[Any]] | None = None,
    matrix: Sequence[Sequence[float | None]] | npt.NDArray[Any] | None = None,
    feature_names: Sequence[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    dtype: str = "float64",
    remaining: float | None = None,
) -> Any:
    """
    What one call of `predict` answers: an array (texts: a list of str), or a dict of these where it gives outputs by name.

    predictor: the class, which is made and loaded; an object of it, loaded only where `model_dir` is given; or
        "predictor.py:DelayRisk".
    model_dir: what `load` gets; of a class it is by default the folder of its file.
    features: a list of values a feature, by the YAML's names and in its order; None is null, which is NaN. With texts among
        them each feature is a tensor of its own, as with `tensors: columns`; else they are the matrix.
    matrix, feature_names: in place of `features`, N x F values and the names of its columns.
    parameters: the caller's. dtype: float64 or float32. remaining: seconds until the deadline.

    Raises WrapperError with the code and the sentence of the wrapper's log, caused by what the predictor raised; ValueError
    where the case itself is none.
    """
    layout, tensors, rows = case_of(features, matrix, feature_names, dtype)
    text = None if parameters is None else json.dumps(parameters)
    opened = open_given(predictor, None if model_dir is None else Path(model_dir))

    def run() -> PartAnswer:
        deadline = None if remaining is None else time.monotonic() + remaining
        (request,) = layout.read(tensors, [(rows, text, deadline)])
        return asyncio.run(_answer(opened, request))

    # Another thread than the test's, whose own event loop may run already: a notebook's, or that of an async test.
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(run).result()
    if answer.error is not None:
        raise answer.error
    outputs = {each.name: strings_of(each) if each.datatype == "BYTES" else array_of(each) for each in answer.outputs}
    return outputs[DEFAULT_OUTPUT] if list(outputs) == [DEFAULT_OUTPUT] else outputs


async def _answer(predictor: Predictor, request: PredictRequest) -> PartAnswer:
    sink = OneAnswer()
    # What fails is raised to the test; it has no log.
    runner = Runner(predictor.predict, lambda _failure: None)
    runner.accept([Part(0, request, 0, sink)])
    try:
        return await sink.answer
    finally:
        runner.close()
