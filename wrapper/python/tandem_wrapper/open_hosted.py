"""Opens what a spec names: a researcher's class, functions, or a model without code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .functions import Functions
from .layout import Layout
from .open_predictor import open_predictor, predictor_file
from .predictors.lightgbm import Lightgbm
from .predictors.model import Model, ModelSource, Output
from .predictors.model_file import not_ready
from .predictors.onnx import Onnx
from .predictors.sklearn import Sklearn
from .predictors.xgboost import Xgboost
from .request import PredictRequest

if TYPE_CHECKING:
    from .host import Spec

_MODELS: dict[str, Callable[[ModelSource], Model]] = {
    "lightgbm": Lightgbm,
    "onnx": Onnx,
    "sklearn": Sklearn,
    "xgboost": Xgboost,
}


class Opened(NamedTuple):
    """What answers calls of one layout."""

    predict: Callable[[PredictRequest], Any]
    outputs: tuple[Output, ...]
    """Empty for a class: only its answers tell."""
    is_atomic: bool
    """The rows of one call belong together."""


def has_code(predictor: str) -> bool:
    """Whether a predictor is a researcher's file; if not it is the name of a library."""
    return predictor not in _MODELS


def code_file(predictor: str) -> Path | None:
    """The researcher's file; None where there is none."""
    return predictor_file(predictor) if has_code(predictor) else None


def open_hosted(spec: Spec, layout: Layout) -> Opened:
    """Raises NOT_READY with a sentence that names what is wrong."""
    if spec.functions:
        # A function may look at its whole column.
        return Opened(Functions(spec.functions).predict, (), True)
    if has_code(spec.predictor):
        predictor = open_predictor(spec.predictor, spec.model_uri)
        return Opened(predictor.predict, (), getattr(predictor, "atomic", False) is True)
    if spec.model_uri is None:
        raise not_ready(f"modelUri is missing; `predictor: {spec.predictor}` opens it")
    model = _MODELS[spec.predictor](ModelSource(spec.model_uri, layout, spec.threads, spec.trust_pickle))
    return Opened(model.predict, model.outputs, False)
