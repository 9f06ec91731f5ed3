"""An ONNX model: one float32 input [N, F], every output by its name in the model. predictors/onnx.ts does so in Node."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..request import PredictRequest
from .model import ModelSource, Output
from .model_file import find_model, import_library, not_ready, opening, require_matrix

_ELEMENTS = {"float": "float32", "double": "float64"}


class Onnx:
    """Runs on the CPU. Raises NOT_READY where the features do not fit the input, or an output is no tensor."""

    def __init__(self, source: ModelSource) -> None:
        runtime = import_library("onnx", "onnxruntime", "onnxruntime", source.threads)
        require_matrix("onnx", source.layout.tensors)
        path = find_model(source.uri, "onnx", ".onnx file", lambda path: path.suffix == ".onnx")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = source.threads
        options.inter_op_num_threads = 1
        with opening("onnxruntime", path):
            self._session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        features = source.layout.features
        self._input = _check_input(path.name, self._session.get_inputs(), None if features is None else len(features))
        self.outputs = tuple(_describe_output(path.name, output) for output in self._session.get_outputs())
        self._names = [output.name for output in self.outputs]

    def predict(self, request: PredictRequest) -> Any:
        matrix = np.ascontiguousarray(request.matrix, np.float32)
        answers = self._session.run(self._names, {self._input: matrix})
        return {name: _flat_texts(answer) for name, answer in zip(self._names, answers, strict=True)}


def _check_input(file: str, inputs: list[Any], features: int | None) -> str:
    listed = ", ".join(map(_shown, inputs))
    if len(inputs) != 1 or inputs[0].type != "tensor(float)":
        raise not_ready(f"{file} takes {listed}; `predictor: onnx` feeds one float32 input [N, F]")
    shape = inputs[0].shape
    # An exporter may leave the shape out altogether.
    if shape:
        is_matrix = len(shape) == 2 and not isinstance(shape[0], int)
        if not is_matrix or (isinstance(shape[1], int) and features not in (None, shape[1])):
            width = "F" if features is None else features
            raise not_ready(f"{file} takes {listed}; the model's features make float32 [N, {width}]")
    name: str = inputs[0].name
    return name


def _describe_output(file: str, output: Any) -> Output:
    if not output.type.startswith("tensor("):
        mend = 'export the classifier with zipmap off (skl2onnx: options={"zipmap": False})'
        raise not_ready(f'Output "{output.name}" of {file} is no tensor; {mend}')
    sizes = [size if isinstance(size, int) else -1 for size in output.shape[1:]]
    shape = (-1, *sizes) if output.shape else ()
    return Output(output.name, "BYTES" if output.type == "tensor(string)" else "FP64", shape)


def _shown(value: Any) -> str:
    if not value.type.startswith("tensor("):
        return f'"{value.name}" (no tensor)'
    element = value.type.removeprefix("tensor(").removesuffix(")")
    sizes = ", ".join("?" if size is None else str(size) for size in value.shape)
    return f'"{value.name}" {_ELEMENTS.get(element, element)}[{sizes}]'


def _flat_texts(answer: Any) -> Any:
    return answer.reshape(-1) if answer.dtype.kind == "O" else answer
