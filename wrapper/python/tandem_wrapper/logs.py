"""Log lines as the rest of Tandem writes them: one JSON object a line on stderr, in the shape of pino."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable

from .errors import WrapperError

_LEVELS = {logging.DEBUG: 20, logging.INFO: 30, logging.WARNING: 40, logging.ERROR: 50, logging.CRITICAL: 60}
_NAMES = {"trace": 5, "debug": 10, "info": 20, "warn": 30, "error": 40, "fatal": 50, "silent": 100}

log = logging.getLogger("tandem_wrapper")


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "level": _LEVELS.get(record.levelno, record.levelno),
            "time": int(record.created * 1000),
            "pid": record.process,
            "name": "wrapper" if record.name == log.name else record.name,
            "msg": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1] is not None:
            line["err"] = error_fields(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def start_logging(level: str) -> None:
    """What any library logs comes out so, too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(_NAMES.get(level, logging.INFO))


def error_fields(error: BaseException) -> dict[str, str]:
    """An error with its stack."""
    stack = "".join(traceback.format_exception(error))
    return {"type": type(error).__name__, "message": str(error), "stack": stack}


class FailureLog:
    """
    Writes the researcher's own error with its stack, at most once a second: a predictor that fails at every call fails
    thousands of times a second, and the first stack says it all.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = float("-inf")
        self._unwritten = 0

    def report(self, error: WrapperError) -> None:
        now = self._clock()
        if now - self._last < 1:
            self._unwritten += 1
            return
        self._last = now
        fields = {
            "code": error.code,
            "err": error_fields(error.__cause__ or error),
            "unwritten": self._unwritten,
        }
        log.error(error.message, extra={"fields": fields})
        self._unwritten = 0
