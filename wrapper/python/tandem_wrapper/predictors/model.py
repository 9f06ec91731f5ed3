"""What a model without code is opened with, and what it is then."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ..layout import Layout
from ..request import PredictRequest


@dataclass(frozen=True)
class ModelSource:
    """`uri` is a file, or a folder with exactly one of the format."""

    uri: Path
    layout: Layout
    threads: int = 1
    """Rows of one request are few: threads that wait for each other cost more than they save."""
    trust_pickle: bool = False
    """Whether a file may be opened that can run code."""


class Output(NamedTuple):
    """An output as ModelMetadata tells it; -1 is a free dimension."""

    name: str
    datatype: str
    shape: tuple[int, ...]


class Model(Protocol):
    """An opened model."""

    @property
    def outputs(self) -> tuple[Output, ...]: ...

    def predict(self, request: PredictRequest) -> Any: ...
