"""A model in XGBoost's UBJ or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..request import PredictRequest
from .feature_names import check_features
from .model import ModelSource, Output
from .model_file import begins_with, find_model, import_library, opening, require_matrix


class Xgboost:
    """One output `predictions`: [N], or [N, classes] of a model of several classes. NaN is a missing value."""

    def __init__(self, source: ModelSource) -> None:
        xgboost = import_library("xgboost", "xgboost", "xgboost", source.threads)
        require_matrix("xgboost", source.layout.tensors)
        path = find_model(source.uri, "xgboost", "model of XGBoost in .ubj or .json", _is_model)
        with opening("xgboost", path):
            self._booster = xgboost.Booster({"nthread": source.threads}, model_file=path)
            # XGBClassifier and XGBRegressor predict so, where the training was stopped early. (0, 0) are all rounds.
            best = self._booster.attr("best_iteration")
            self._rounds = (0, 0) if best is None else (0, int(best) + 1)
            width = self._booster.num_features()
            # Tells the shape of an answer.
            answer = self._answer(np.zeros((1, width)))
        check_features(source.layout, self._booster.feature_names, width, path.name)
        self.outputs = (Output("predictions", "FP64", (-1, *answer.shape[1:])),)

    def predict(self, request: PredictRequest) -> Any:
        return {"predictions": self._answer(request.matrix)}

    def _answer(self, matrix: Any) -> Any:
        # A DMatrix costs more than the trees of a few rows.
        return self._booster.inplace_predict(matrix, iteration_range=self._rounds)


def _is_model(path: Path) -> bool:
    """A folder may hold JSON of other kinds; both formats begin with one member, the learner."""
    return path.suffix in (".ubj", ".json") and b"learner" in begins_with(path, 64)
