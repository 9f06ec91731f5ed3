"""Finds the file of a model, imports the library that opens it, and says what keeps it from being opened."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import WrapperError


def find_model(uri: Path, predictor: str, kind: str, is_model: Callable[[Path], bool]) -> Path:
    """`uri` where it is a file, else the one model in the folder; `kind` says what that is. Raises NOT_READY."""
    if not uri.exists():
        raise not_ready(f"modelUri names {uri.name}, which does not exist")
    if uri.is_file():
        return uri
    try:
        models = sorted(path for path in uri.iterdir() if path.is_file() and is_model(path))
    except OSError as cause:
        raise not_ready(f"{uri.name} cannot be read; the log says why") from cause
    if len(models) == 1:
        return models[0]
    there = ", ".join(model.name for model in models) or "none"
    raise not_ready(f"A folder for `predictor: {predictor}` holds exactly one {kind}; there is {there}")


def begins_with(path: Path, size: int) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(size)


def import_library(predictor: str, module: str, package: str, threads: int) -> Any:
    """
    The library of a predictor; `package` is what pip calls it. By its full name: our own module may have the same one.
    Raises NOT_READY, with what to install.
    """
    # What a library computes by OpenMP takes this for all threads of the process, if it is there when OpenMP is loaded.
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as cause:
        problem = f"is not installed for {sys.executable}: pip install {package}"
        raise not_ready(f"`predictor: {predictor}` runs on {package}, which {problem}") from cause
    except (ImportError, OSError) as cause:
        raise not_ready(f"`predictor: {predictor}` runs on {package}, which cannot be loaded; the log says why") from cause


@contextmanager
def opening(library: str, path: Path) -> Iterator[None]:
    """What a library raises at a file that it cannot open, as NOT_READY. Its own words may name paths."""
    try:
        yield
    except WrapperError:
        raise
    except Exception as cause:
        raise not_ready(f"{library} cannot open {path.name}; the log says why") from cause


def require_matrix(predictor: str, tensors: str) -> None:
    """Raises NOT_READY where the features come as columns."""
    if tensors != "matrix":
        raise not_ready(f"`predictor: {predictor}` is fed the matrix; leave out `tensors: {tensors}`")


def not_ready(sentence: str) -> WrapperError:
    """NOT_READY with a sentence, given without its full stop; it may end with a question."""
    return WrapperError("NOT_READY", sentence if sentence.endswith("?") else f"{sentence}.")
