"""A model of scikit-learn from skops' file, or from a pickle that is trusted."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from ..logs import log
from ..request import PredictRequest
from .feature_names import check_features
from .model import ModelSource, Output
from .model_file import find_model, import_library, not_ready, opening

_PICKLES = (".joblib", ".pkl", ".pickle")
_BY_NAME = ("ColumnTransformer", "FunctionTransformer")
"""Steps that look for their columns by name, where they were trained on a table."""
_HARMLESS = "numpy.dtype"
"""skops does not trust it, though it makes one of an empty array that it reads without pickles. Each imputer has one."""


class Sklearn:
    """
    A classifier gives `label` [N] and, where it has them, `probabilities` [N, classes] in the order of its `classes_`: the
    label is then that of the highest. Any other model gives `predictions` [N, values].
    """

    def __init__(self, source: ModelSource) -> None:
        import_library("sklearn", "sklearn", "scikit-learn", source.threads)
        # It says so at every call: the columns are compared here, once, and an array has no names.
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        endings = (".skops", *_PICKLES) if source.trust_pickle else (".skops",)
        kind = f"{' or '.join(endings)} file"
        path = find_model(source.uri, "sklearn", kind, lambda path: path.suffix in endings)
        model = self._model = _open(path, source)
        if not callable(getattr(model, "predict", None)):
            raise not_ready(f"{path.name} holds a {type(model).__name__}, which has no `predict`")
        self._names = [str(name) for name in getattr(model, "feature_names_in_", ())]
        check_features(source.layout, self._names or None, getattr(model, "n_features_in_", None), path.name)
        steps = model.get_params() if hasattr(model, "get_params") else {}
        # A model keeps the `n_jobs` that it was trained with, which may be all cores.
        if jobs := [name for name in steps if name.split("__")[-1] == "n_jobs"]:
            model.set_params(**dict.fromkeys(jobs, source.threads))
        self._is_matrix = source.layout.tensors == "matrix"
        # A frame takes longer to make than a small prediction.
        needs_frame = bool(self._names) and any(type(step).__name__ in _BY_NAME for step in steps.values())
        self._pandas = import_library("sklearn", "pandas", "pandas", source.threads) if needs_frame else None
        # A model of several targets has a list of classes for each; its `predict` gives a column for each.
        classes = getattr(model, "classes_", None)
        self._classes = classes if isinstance(classes, np.ndarray) else None
        self._has_probabilities = self._classes is not None and hasattr(model, "predict_proba")
        self.outputs = self._described()

    def predict(self, request: PredictRequest) -> Any:
        matrix = self._table_of(request)
        if self._classes is None:
            return {"predictions": np.asarray(self._model.predict(matrix)).reshape(request.rows, -1)}
        if not self._has_probabilities:
            return {"label": self._model.predict(matrix)}
        probabilities = self._model.predict_proba(matrix)
        # `predict` would compute them all again.
        return {"label": self._classes.take(probabilities.argmax(axis=1)), "probabilities": probabilities}

    def _table_of(self, request: PredictRequest) -> Any:
        if self._pandas is not None:
            return self._pandas.DataFrame(dict(zip(self._names, request.columns.values(), strict=True)))
        return request.matrix if self._is_matrix else _objects_of(request)

    def _described(self) -> tuple[Output, ...]:
        if self._classes is None:
            return (Output("predictions", "FP64", (-1, -1)),)
        label = Output("label", "FP64" if self._classes.dtype.kind in "fiub" else "BYTES", (-1,))
        if not self._has_probabilities:
            return (label,)
        return (label, Output("probabilities", "FP64", (-1, len(self._classes))))


def _open(path: Path, source: ModelSource) -> Any:
    if path.suffix in _PICKLES:
        if not source.trust_pickle:
            mend = "save it as .skops, or allow it by `trustPickle: true`"
            raise not_ready(f"{path.name} is a pickle, which runs code when it is opened; {mend}")
        log.warning("%s is a pickle: it is opened, and may run any code, since `trustPickle` allows it", path.name)
        joblib = import_library("sklearn", "joblib", "joblib", source.threads)
        with opening("joblib", path):
            return joblib.load(path)
    skops = import_library("sklearn", "skops.io", "skops", source.threads)
    with opening("skops", path):
        untrusted = [name for name in skops.get_untrusted_types(file=path) if name != _HARMLESS]
        if untrusted and not source.trust_pickle:
            held = f"{path.name} holds what skops does not trust: {', '.join(untrusted)}"
            raise not_ready(f"{held}; allow it by `trustPickle: true` where the file is your own")
        if untrusted:
            log.warning("%s holds what skops does not trust, and `trustPickle` allows: %s", path.name, ", ".join(untrusted))
        return skops.load(path, trusted=[*untrusted, _HARMLESS])


def _objects_of(request: PredictRequest) -> Any:
    """Columns as an array of objects: a pipeline takes those of texts and those of numbers by their places."""
    matrix = np.empty((request.rows, len(request.features)), object)
    for at, name in enumerate(request.features):
        matrix[:, at] = request.columns[name]
    return matrix
