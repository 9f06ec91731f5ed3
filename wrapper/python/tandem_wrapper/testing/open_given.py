"""The predictor of a case: a class, an object of it, or the file that it is in."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from ..open_predictor import Predictor, load_predictor, make_predictor, open_predictor


def open_given(given: type[Any] | Predictor | str, model_dir: Path | None) -> Predictor:
    """
    Loaded as `open_predictor` does. A class is taken as it is, not from its file again: what a test has replaced in its
    module counts. Raises NOT_READY.
    """
    if isinstance(given, str):
        return open_predictor(given, model_dir)
    if not isinstance(given, type):
        if model_dir is not None:
            load_predictor(given, _file_of(type(given)), model_dir)
        return given
    file = _file_of(given)
    made = make_predictor(given, file)
    load_predictor(made, file, file.parent if model_dir is None else model_dir)
    return made


def _file_of(found: type[Any]) -> Path:
    try:
        return Path(inspect.getfile(found))
    except (TypeError, OSError):  # a class of a notebook has none
        return Path(found.__name__)
