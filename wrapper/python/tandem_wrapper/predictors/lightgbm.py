"""A model in LightGBM's text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..request import PredictRequest
from .feature_names import check_features
from .model import ModelSource, Output
from .model_file import begins_with, find_model, import_library, opening, require_matrix

_ENDINGS = (".txt", ".lgb", ".lightgbm", ".model")
_UNNAMED = re.compile(r"Column_\d+")
"""What LightGBM calls columns that came without names."""


class Lightgbm:
    """One output `predictions`: [N], or [N, classes] of a model of several classes."""

    def __init__(self, source: ModelSource) -> None:
        lightgbm = import_library("lightgbm", "lightgbm", "lightgbm", source.threads)
        require_matrix("lightgbm", source.layout.tensors)
        path = find_model(source.uri, "lightgbm", "text of LightGBM", _is_model)
        with opening("lightgbm", path):
            self._booster = lightgbm.Booster(model_file=path)
        names = self._booster.feature_name()
        is_named = not all(_UNNAMED.fullmatch(name) for name in names)
        check_features(source.layout, names if is_named else None, len(names), path.name)
        self._threads = source.threads
        width = self._booster.num_model_per_iteration()
        self.outputs = (Output("predictions", "FP64", (-1,) if width == 1 else (-1, width)),)

    def predict(self, request: PredictRequest) -> Any:
        return {"predictions": self._booster.predict(request.matrix, num_threads=self._threads)}


def _is_model(path: Path) -> bool:
    """The text has no ending of its own: what it begins with tells (GBDT::SaveModelToString)."""
    return path.suffix in _ENDINGS and re.match(rb"tree\r?\nversion=", begins_with(path, 16)) is not None
