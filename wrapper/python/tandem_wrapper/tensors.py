"""Tensors of the Open Inference Protocol as NumPy arrays over the bytes of their message."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .errors import WrapperError

DTYPES: dict[str, np.dtype[Any]] = {
    "BOOL": np.dtype(np.bool_),
    "INT8": np.dtype("<i1"),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "UINT8": np.dtype("<u1"),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
}

_LENGTH = struct.Struct("<I")


class Tensor(NamedTuple):
    """A tensor with its bytes, which may be a part of a larger message."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    raw: memoryview | bytes


def array_of(tensor: Tensor) -> npt.NDArray[Any]:
    """The numbers of a tensor in its shape, over its bytes, read-only. Raises INVALID_INPUT."""
    dtype = DTYPES.get(tensor.datatype)
    if dtype is None:
        raise WrapperError("INVALID_INPUT", f'The tensor "{tensor.name}" is {tensor.datatype}, not numbers.')
    if math.prod(tensor.shape) * dtype.itemsize != len(tensor.raw):
        raise _wrong_size(tensor)
    # One call where `frombuffer` and `reshape` are two; the memory is read-only as the message is.
    return np.ndarray(tensor.shape, dtype, tensor.raw)


def strings_of(tensor: Tensor) -> list[str]:
    """The texts of a BYTES tensor: each is its length in four bytes, then itself in UTF-8. Raises INVALID_INPUT."""
    raw = bytes(tensor.raw)
    texts: list[str] = []
    at = 0
    try:
        while at < len(raw):
            (length,) = _LENGTH.unpack_from(raw, at)
            at += 4
            if at + length > len(raw):
                raise _wrong_size(tensor)
            texts.append(raw[at : at + length].decode())
            at += length
    except (struct.error, UnicodeDecodeError) as cause:
        raise _wrong_size(tensor) from cause
    if len(texts) != math.prod(tensor.shape):
        raise _wrong_size(tensor)
    return texts


def encode_strings(texts: Sequence[str]) -> bytes:
    """The bytes of a BYTES tensor."""
    encoded = [text.encode() for text in texts]
    return b"".join(part for text in encoded for part in (_LENGTH.pack(len(text)), text))


def cut_rows(tensor: Tensor, first: int, rows: int) -> Tensor:
    """Some rows of a tensor."""
    shape = (rows, *tensor.shape[1:])
    if tensor.datatype == "BYTES":
        width = math.prod(tensor.shape[1:])
        texts = strings_of(tensor)[first * width : (first + rows) * width]
        return Tensor(tensor.name, "BYTES", shape, encode_strings(texts))
    size = len(tensor.raw) // tensor.shape[0]
    return Tensor(tensor.name, tensor.datatype, shape, tensor.raw[first * size : (first + rows) * size])


def _wrong_size(tensor: Tensor) -> WrapperError:
    shape = ", ".join(map(str, tensor.shape))
    return WrapperError("INVALID_INPUT", f'The bytes of the tensor "{tensor.name}" are not those of shape [{shape}].')
