"""Opens a researcher's file: finds the class, makes one of it, and has it load its model."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from .errors import WrapperError
from .request import PredictRequest


class Predictor(Protocol):
    """
    What a researcher writes. `load(model_dir)` runs once, before the first call; it may be left out. `predict(request)`
    gives one value a row, or several outputs by name; it may be async. `atomic = True` where the rows of one call belong
    together, as in a ranking: a large call is then never split.
    """

    def predict(self, request: PredictRequest) -> Any: ...


def open_predictor(named: str, model_dir: Path | None) -> Predictor:
    """
    `named` is a file, or `file.py:Class`. Without a class it is the only one in it with a `predict`. Without `model_dir`
    it loads from the folder of the file. Raises NOT_READY with a sentence that names what is wrong.
    """
    path = predictor_file(named).resolve()
    class_name = named.partition(":")[2]
    module = import_file(path, "the predictor")
    found = _class_of(module, path.name, class_name)
    predictor = make_predictor(found, path)
    load_predictor(predictor, path, path.parent if model_dir is None else model_dir)
    return predictor


def make_predictor(found: type[Any], path: Path) -> Predictor:
    """One of a class that `path` has. Raises NOT_READY."""
    try:
        made: Predictor = found()
    except Exception as cause:
        raise _problem(f"{found.__name__}() of {path.name} failed: {_said(cause)}") from cause
    return made


def load_predictor(predictor: Predictor, path: Path, model_dir: Path) -> None:
    """Runs its `load`, where it has one. Raises NOT_READY."""
    load = getattr(predictor, "load", None)
    if load is None:
        return
    if not model_dir.exists():
        raise _problem(f"modelUri names {model_dir.name}, which does not exist")
    try:
        load(str(model_dir if model_dir.is_dir() else model_dir.parent))
    except Exception as cause:
        raise _problem(f"`load` of {path.name} failed: {_said(cause)}") from cause


def predictor_file(named: str) -> Path:
    """The file of a predictor, without the class that it may name."""
    return Path(named.partition(":")[0])


def import_file(path: Path, named_by: str) -> ModuleType:
    """A researcher's file as a module. Raises NOT_READY with a sentence that names what is wrong with it, and by what."""
    if path.suffix != ".py":
        raise _problem(f'{named_by} "{path.name}" is no .py file')
    if not path.is_file():
        raise _problem(f"{named_by} names {path.name}, which does not exist")
    # As `python predictor.py` does: what lies beside it can be imported.
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as cause:
        raise _problem(f'{path.name} imports "{cause.name}", which is not installed for {sys.executable}') from cause
    except SyntaxError as cause:
        raise _problem(f"{path.name} has a syntax error in line {cause.lineno}: {cause.msg}") from cause
    except Exception as cause:
        raise _problem(f"{path.name} failed while it was imported: {_said(cause)}") from cause
    return module


def _class_of(module: ModuleType, file: str, name: str) -> type[Any]:
    own = {
        key: value
        for key, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    }
    if name:
        found = own.get(name) or getattr(module, name, None)
        if not inspect.isclass(found):
            raise _problem(f'{file} has no class "{name}" (it has {_listed(own)})')
        if not callable(getattr(found, "predict", None)):
            raise _problem(f"class {name} in {file} has no method `predict`")
        return found
    predictors = {key: value for key, value in own.items() if callable(getattr(value, "predict", None))}
    if len(predictors) == 1:
        (only,) = predictors.values()
        return only
    if not predictors:
        raise _problem(f"{file} has no class with a method `predict` (its classes: {_listed(own)})")
    raise _problem(f"{file} has several predictors: {_listed(predictors)}; name one, as in {file}:{next(iter(predictors))}")


def _listed(classes: dict[str, type[Any]]) -> str:
    return ", ".join(classes) or "none"


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _problem(sentence: str) -> WrapperError:
    return WrapperError("NOT_READY", f"{sentence}.")
