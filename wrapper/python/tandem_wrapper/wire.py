"""
The messages of ModelInfer and ModelStreamInfer as bytes.

protobuf copies every `bytes` field into an object of its own, and makes an object of each tensor. What a stream carries
has few fields, so they are found here, and the contents stay where they are: a NumPy array can lie over them. A message
with anything else in it (typed contents, parameters, requested outputs) is left to protobuf.

Field numbers: proto/inference.proto. Wire format: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .tensors import Tensor

_MODEL_NAME, _MODEL_VERSION, _INPUT, _RAW_INPUT = 0x0A, 0x12, 0x2A, 0x3A
_RESPONSE_MODEL_NAME, _RESPONSE_MODEL_VERSION, _OUTPUT, _RAW_OUTPUT = 0x0A, 0x12, 0x2A, 0x32
_TENSOR_NAME, _TENSOR_DATATYPE, _TENSOR_SHAPE = 0x0A, 0x12, 0x1A
_ERROR_MESSAGE, _INFER_RESPONSE = 0x0A, 0x12


class InferMessage(NamedTuple):
    """A ModelInferRequest of raw contents."""

    model_name: str
    model_version: str
    tensors: tuple[Tensor, ...]


def decode_infer_request(message: bytes) -> InferMessage | None:
    """The request with its contents as views of the message; None where protobuf has to read it."""
    view = memoryview(message)
    name = version = ""
    inputs: list[tuple[str, str, tuple[int, ...]]] = []
    raws: list[memoryview] = []
    try:
        for tag, at, stop in _fields(message):
            if tag == _RAW_INPUT:
                raws.append(view[at:stop])
            elif tag == _INPUT:
                inputs.append(_describe(message[at:stop]))
            elif tag == _MODEL_NAME:
                name = message[at:stop].decode()
            elif tag == _MODEL_VERSION:
                version = message[at:stop].decode()
            else:
                return None
    except (IndexError, ValueError):
        return None
    if len(raws) != len(inputs):
        return None
    tensors = tuple(Tensor(*described, raw) for described, raw in zip(inputs, raws, strict=True))
    return InferMessage(name, version, tensors)


@lru_cache(maxsize=1024)
def _describe(described: bytes) -> tuple[str, str, tuple[int, ...]]:
    """Name, datatype and shape of an input: few ones come again and again. Raises ValueError where it has more."""
    name = datatype = ""
    shape: tuple[int, ...] = ()
    for tag, at, stop in _fields(described):
        if tag == _TENSOR_SHAPE:
            sizes = []
            while at < stop:
                size, at = _varint(described, at)
                sizes.append(size)
            shape += tuple(sizes)
        elif tag == _TENSOR_NAME:
            name = described[at:stop].decode()
        elif tag == _TENSOR_DATATYPE:
            datatype = described[at:stop].decode()
        else:
            raise ValueError(f"a field that is not read here: {tag}")
    return name, datatype, shape


def encode_infer_response(model_name: str, model_version: str, outputs: Sequence[Tensor]) -> bytes:
    """A ModelInferResponse of raw contents."""
    parts: list[bytes | memoryview] = [_response_head(model_name, model_version)]
    parts.extend(_output(output.name, output.datatype, output.shape) for output in outputs)
    for output in outputs:
        parts.append(_head(_RAW_OUTPUT, len(output.raw)))
        parts.append(output.raw)
    return b"".join(parts)


def encode_stream_response(response: bytes) -> bytes:
    """A ModelStreamInferResponse around a ModelInferResponse."""
    return _head(_INFER_RESPONSE, len(response)) + response


def encode_stream_error(message: str) -> bytes:
    """A ModelStreamInferResponse that says why a message cannot be read."""
    text = message.encode()
    return _head(_ERROR_MESSAGE, len(text)) + text


@lru_cache(maxsize=16)
def _response_head(model_name: str, model_version: str) -> bytes:
    return _field(_RESPONSE_MODEL_NAME, model_name.encode()) + _field(_RESPONSE_MODEL_VERSION, model_version.encode())


@lru_cache(maxsize=1024)
def _output(name: str, datatype: str, shape: tuple[int, ...]) -> bytes:
    described = _field(_TENSOR_NAME, name.encode()) + _field(_TENSOR_DATATYPE, datatype.encode())
    described += _field(_TENSOR_SHAPE, b"".join(map(_number, shape)))
    return _field(_OUTPUT, described)


def _field(tag: int, content: bytes) -> bytes:
    return _head(tag, len(content)) + content


def _head(tag: int, length: int) -> bytes:
    return bytes((tag,)) + _number(length)


def _number(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _fields(data: bytes) -> Iterator[tuple[int, int, int]]:
    """
    Tag, beginning and end of each field, as far as one byte is the tag and a length follows: who meets a tag that it does
    not know must stop. Raises ValueError where a field goes beyond the end, IndexError where its head does.
    """
    at, end = 0, len(data)
    while at < end:
        tag = data[at]
        length, at = _varint(data, at + 1)
        stop = at + length
        if stop > end:
            raise ValueError("a field goes beyond the end")
        yield tag, at, stop
        at = stop


def _varint(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value = byte & 0x7F
    shift = 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at + 1
        shift += 7
