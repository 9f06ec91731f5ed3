"""One model on its way from its files to answers: its loads, one a layout, and which of them a call means."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .batching import BatchingRunner
from .batching_policy import BatchingLimits
from .errors import WrapperError
from .functions import FunctionSpec
from .layout import Layout, read_load
from .logs import FailureLog, log
from .model_version import model_version
from .open_hosted import Opened, code_file, has_code, open_hosted
from .predictors.model import Output
from .runner import Runner

_OPENED_WITHIN = 10.0
"""Seconds for which a load is kept for the caller that asked for it to open its stream."""


@dataclass(frozen=True)
class Spec:
    """What to host."""

    model: str
    predictor: str
    """
    `file.py`, `file.py:Class`, or the library of a model without code: onnx, lightgbm, xgboost, sklearn. Of functions, the
    file of the first.
    """
    model_uri: Path | None
    address: str
    """`unix:PATH` or `host:port`."""
    layout: Layout = field(default_factory=Layout)
    functions: tuple[FunctionSpec, ...] = ()
    """What is hosted in place of a predictor, where there are any."""
    replicas: int = 1
    """How many processes host the model, this one among them."""
    batching: BatchingLimits | None = None
    """How calls are computed together; None: each alone."""
    trust_pickle: bool = False
    """Whether a model without code may come from a file that can run code."""
    threads: int = 1
    """Of the library of a model without code."""
    socket_mode: int = 0o600
    hang_after: float = 10.0
    """Seconds."""
    drain_timeout: float = 30.0
    """Seconds."""
    log_level: str = "info"


@dataclass(eq=False)
class LoadedModel:
    """A predictor that answers calls of one layout."""

    version: str
    layout: Layout
    runner: Runner
    outputs: tuple[Output, ...]
    """Empty where only answers tell."""
    is_atomic: bool
    """The rows of one call belong together."""
    streams: int = 0
    is_taken: bool = False
    asked_at: float = 0.0


class Host:
    """
    The loads of one model, one a layout. While a caller changes over to other features its old calls and its new ones come
    side by side: each has a predictor of its own, which sees one layout for as long as it lives. The last one asked for is
    what callers get who name none; an older one goes with its last stream.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._loads: dict[str, asyncio.Task[LoadedModel]] = {}
        self._current = ""
        self._failure: WrapperError | None = None
        self._is_draining = False

    async def load_own(self) -> LoadedModel:
        """The first load, for the layout of the spec. Raises WrapperError that says what is wrong."""
        try:
            return await self._load("", self.spec.layout)
        except WrapperError as failure:
            self._failure = failure
            raise

    async def load(self, parameters: Mapping[str, Any]) -> LoadedModel:
        """
        The model, ready for the layout that the parameters ask for; without any, as it is. Raises where it cannot be loaded
        so, and then what was there stays.
        """
        asked = read_load(parameters, self.spec.layout)
        if asked is None:
            return await self._load(self._current, self.spec.layout)
        key, layout = asked
        own = self._loads.get("")
        # Where our file says the same, or none told what the calls have, the first load is the one that is asked for.
        if key not in self._loads and own is not None and _is_loaded(own):
            model = own.result()
            # A model without code compares the features with its own when it is opened.
            is_untold = model.layout == Layout() and has_code(self.spec.predictor)
            if is_untold or model.layout == layout:
                model.layout = layout
                self._loads[key] = self._loads.pop("")
        return await self._load(key, layout)

    @property
    def current(self) -> LoadedModel | WrapperError:
        """The model last asked for, or why it does not answer."""
        task = self._loads.get(self._current)
        if task is not None and _is_loaded(task):
            return task.result()
        return self._failure or WrapperError("NOT_READY", f'The model "{self.spec.model}" is being loaded.')

    def find(self, name: str, version: str, held: LoadedModel | None = None) -> LoadedModel:
        """The model where the caller means it: `held`, or the one last asked for. Raises UNKNOWN_MODEL or NOT_READY."""
        if name != self.spec.model:
            raise WrapperError("UNKNOWN_MODEL", f'There is no model "{name}" here.')
        model = held or self.current
        if isinstance(model, WrapperError):
            raise model
        if version and version != model.version:
            raise WrapperError("UNKNOWN_MODEL", f'The model "{name}" has the version {model.version}, not {version}.')
        return model

    def hold(self, key: str) -> LoadedModel:
        """The model loaded under this key, for a stream to hold until `release`. Raises NOT_READY where there is none."""
        task = self._loads.get(key)
        if task is None or not _is_loaded(task):
            raise WrapperError("NOT_READY", "The model is not loaded for these features.")
        model = task.result()
        model.streams += 1
        model.is_taken = True
        return model

    def release(self, model: LoadedModel) -> None:
        """A stream that held the model has ended."""
        model.streams -= 1
        self._drop_unused()

    @property
    def is_ready(self) -> bool:
        return isinstance(self.current, LoadedModel) and not self._is_draining

    @property
    def pending(self) -> int:
        """Parts waiting or running."""
        return sum(model.runner.pending for model in self._loaded())

    def is_stuck(self, seconds: float) -> bool:
        return any(model.runner.is_stuck(seconds) for model in self._loaded())

    def drain(self) -> None:
        """From now on it says that it is not ready, and goes on answering."""
        self._is_draining = True

    async def _load(self, key: str, layout: Layout) -> LoadedModel:
        task = self._loads.get(key)
        if task is None:
            task = self._loads[key] = asyncio.create_task(self._open(layout))
        try:
            model = await asyncio.shield(task)
        except WrapperError:
            # The next one who asks may find the model's files in order.
            if self._loads.get(key) is task:
                del self._loads[key]
            raise
        model.is_taken = False
        model.asked_at = time.monotonic()
        self._current = next(each for each, other in self._loads.items() if other is task)
        self._drop_unused()
        return model

    async def _open(self, layout: Layout) -> LoadedModel:
        spec = self.spec
        started = time.monotonic()
        opening = asyncio.create_task(asyncio.to_thread(open_hosted, spec, layout))
        while not (await asyncio.wait([opening], timeout=spec.hang_after))[0]:
            seconds = round(time.monotonic() - started)
            log.warning(
                "`load` has not finished after %s s; the model is not ready until it does",
                seconds,
                extra={"fields": {"model": spec.model}},
            )
        opened = await opening
        version = await asyncio.to_thread(model_version, code_file(spec.predictor), spec.model_uri)
        # What was loaded stays: a collector that goes through all of it again and again is most of the slow calls.
        gc.collect()
        gc.freeze()
        return LoadedModel(version, layout, self._runner(opened), opened.outputs, opened.is_atomic)

    def _runner(self, opened: Opened) -> Runner:
        report = FailureLog().report
        if self.spec.batching is None:
            return Runner(opened.predict, report)
        if opened.is_atomic:
            problem = "`wrapper.batching` computes calls together, and the predictor says that it is `atomic`"
            raise WrapperError("NOT_READY", f"{problem}; one of the two has to go.")
        return BatchingRunner(opened.predict, report, self.spec.batching)

    def _loaded(self) -> list[LoadedModel]:
        return [task.result() for task in self._loads.values() if _is_loaded(task)]

    def _drop_unused(self) -> None:
        now = time.monotonic()
        for key, task in list(self._loads.items()):
            if key == self._current or not _is_loaded(task):
                continue
            model = task.result()
            if model.streams == 0 and (model.is_taken or now - model.asked_at > _OPENED_WITHIN):
                del self._loads[key]
                model.runner.close()


def _is_loaded(task: asyncio.Task[LoadedModel]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None
