"""Ordinary messages of the Open Inference Protocol: one request, one answer, as any client sends them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import WrapperError
from .host import LoadedModel
from .messages import ModelInferRequest, ModelInferResponse
from .runner import Part, PartSink
from .tensors import DTYPES, Tensor, encode_strings

_CONTENTS = {
    "BOOL": "bool_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    "BYTES": "bytes_contents",
}


def read_request(message: bytes) -> Any:
    """Raises INVALID_INPUT where the bytes are none."""
    try:
        return ModelInferRequest.FromString(message)
    except Exception as cause:
        raise WrapperError("INVALID_INPUT", "The message is not a ModelInferRequest.") from cause


def ordinary_part(
    model: LoadedModel, request: Any, part_id: int, deadline: float | None, sink: PartSink
) -> Part:
    """One ordinary request as a part. Raises INVALID_INPUT where its tensors are not the model's."""
    tensors = _tensors(request)
    rows = tensors[0].shape[0] if tensors and tensors[0].shape else 0
    (call,) = model.layout.read(tensors, [(rows, _parameters(request), deadline)])
    return Part(part_id, call, sum(len(tensor.raw) for tensor in tensors), sink)


def ordinary_response(request: Any, version: str, outputs: Sequence[Tensor]) -> bytes:
    """The answer as bytes: all outputs, or those that the request asks for. Raises INVALID_INPUT on one that is not there."""
    by_name = {output.name: output for output in outputs}
    asked = [output.name for output in request.outputs] or list(by_name)
    for name in asked:
        if name not in by_name:
            there = ", ".join(by_name)
            raise WrapperError("INVALID_INPUT", f'The model has no output "{name}"; it has {there}.')
    response = ModelInferResponse(model_name=request.model_name, model_version=version, id=request.id)
    for name in asked:
        output = by_name[name]
        response.outputs.add(name=output.name, datatype=output.datatype, shape=output.shape)
        response.raw_output_contents.append(bytes(output.raw))
    encoded: bytes = response.SerializeToString()
    return encoded


def _tensors(request: Any) -> list[Tensor]:
    raws = request.raw_input_contents
    if raws:
        if len(raws) != len(request.inputs):
            raise WrapperError("INVALID_INPUT", "The message has not as many raw contents as inputs.")
        return [
            Tensor(tensor.name, tensor.datatype, tuple(tensor.shape), raw)
            for tensor, raw in zip(request.inputs, raws, strict=True)
        ]
    return [_typed(tensor) for tensor in request.inputs]


def _typed(tensor: Any) -> Tensor:
    shape = tuple(tensor.shape)
    field = _CONTENTS.get(tensor.datatype)
    values = [] if field is None else list(getattr(tensor.contents, field))
    if field is None or len(values) != math.prod(shape):
        raise WrapperError("INVALID_INPUT", f'The contents of the tensor "{tensor.name}" are not those of its shape.')
    if tensor.datatype == "BYTES":
        try:
            return Tensor(tensor.name, "BYTES", shape, encode_strings([value.decode() for value in values]))
        except UnicodeDecodeError as cause:
            raise WrapperError("INVALID_INPUT", f'The tensor "{tensor.name}" is not UTF-8.') from cause
    return Tensor(tensor.name, tensor.datatype, shape, np.asarray(values, DTYPES[tensor.datatype]).tobytes())


def _parameters(request: Any) -> str | None:
    """The request's parameters as the JSON that a predictor reads; None where there are none."""
    if not request.parameters:
        return None
    read = {}
    for name, value in request.parameters.items():
        chosen = value.WhichOneof("parameter_choice")
        read[name] = None if chosen is None else getattr(value, chosen)
    return json.dumps(read)
