"""On-demand functions: a researcher's own, each over whole columns, as one model whose outputs are the features."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .answer import Outputs
from .errors import WrapperError
from .function_result import numbers_result, texts_result
from .logs import FailureLog
from .open_predictor import import_file
from .request import Column, PredictRequest
from .tensors import Tensor, encode_strings


@dataclass(frozen=True)
class Argument:
    """An argument of a function, and the type that its column has in the YAML."""

    name: str
    type: str


@dataclass(frozen=True)
class FunctionSpec:
    """One function to host: wrapper/functions-spec.ts."""

    feature: str
    """The on-demand feature that it makes."""
    type: str
    file: Path
    called: str
    """Its name in the file."""
    args: tuple[Argument, ...]

    def column(self, argument: Argument) -> str:
        """The tensor of an argument."""
        return f"{self.feature}.{argument.name}"


class Functions:
    """
    Calls the functions whose columns a request has. The output of each has the name of its feature; one that failed is not
    among them, and the log says why: the others of its request have their results all the same.
    """

    def __init__(self, specs: Sequence[FunctionSpec]) -> None:
        """Raises NOT_READY with a sentence that names what is wrong with the first that cannot be called."""
        modules: dict[Path, ModuleType] = {}
        self._hosted = []
        for spec in specs:
            if spec.file not in modules:
                modules[spec.file] = import_file(spec.file, f"`{spec.feature}`")
            self._hosted.append((spec, _function_of(modules[spec.file], spec), FailureLog()))

    def predict(self, request: PredictRequest) -> Outputs:
        columns = request.columns
        outputs = []
        for spec, function, failures in self._hosted:
            if spec.column(spec.args[0]) not in columns:
                continue
            if request.cancelled:
                raise WrapperError("CANCELLED", "The call was given up before all of its functions were called.")
            try:
                outputs.append(_call(spec, function, columns, request.rows))
            except BaseException as cause:  # `sys.exit()` in a function is its own failure, too
                failed = WrapperError("PREDICTOR_FAILED", f"The function `{spec.called}` of {spec.file.name} failed.")
                failed.__cause__ = cause
                failures.report(failed)
        return Outputs(outputs)


def _function_of(module: ModuleType, spec: FunctionSpec) -> Callable[..., Any]:
    file = spec.file.name
    function: Callable[..., Any] | None = getattr(module, spec.called, None)
    if not callable(function):
        own = [name for name, value in vars(module).items() if inspect.isfunction(value) and not name.startswith("_")]
        raise _problem(f"{file} has no function `{spec.called}` (it has {', '.join(own) or 'none'})")
    if inspect.iscoroutinefunction(function):
        raise _problem(f"`{spec.called}` of {file} is async; a function answers at once")
    names = [argument.name for argument in spec.args]
    try:
        inspect.signature(function).bind(**dict.fromkeys(names))
    except TypeError as cause:
        raise _problem(f"`{spec.called}` of {file} cannot be called with {', '.join(names)}: {cause}") from None
    except ValueError:
        pass  # a function of C, which does not say what it takes
    return function


def _call(spec: FunctionSpec, function: Callable[..., Any], columns: Mapping[str, Column], rows: int) -> Tensor:
    arguments = {argument.name: _argument(columns[spec.column(argument)]) for argument in spec.args}
    result = function(**arguments)
    if spec.type == "string":
        return Tensor(spec.feature, "BYTES", (rows,), encode_strings(_cells(texts_result(result, rows))))
    return Tensor(spec.feature, "FP64", (rows,), numbers_result(result, rows, spec.type).tobytes())


def _argument(column: Column) -> Any:
    return _texts(column) if isinstance(column, list) else column


def _texts(cells: Sequence[str]) -> list[str | None]:
    """The wire has no null: an empty cell is one, and any other text follows an `=`. on-demand/text-cells.ts does the same."""
    return [cell[1:] if cell else None for cell in cells]


def _cells(texts: Sequence[str | None]) -> list[str]:
    return ["" if text is None else f"={text}" for text in texts]


def _problem(sentence: str) -> WrapperError:
    return WrapperError("NOT_READY", f"{sentence}.")
