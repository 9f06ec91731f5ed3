"""Computes what the soak can compute too, and does wrong where `parameters.do` says how."""

import os
import re
import resource

import numpy as np

_ROOM_BYTES = 2 * 1024**3
_SMALLEST_ARRAY_BYTES = 64 * 1024**2


class Priced:
    def load(self, _model_dir: str) -> None:
        """What it may have beyond what it has now, so that a hog meets its own limit and not the machine's."""
        with open("/proc/self/statm", encoding="ascii") as statm:
            has = int(statm.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (has + _ROOM_BYTES, has + _ROOM_BYTES))

    def predict(self, request):
        match request.parameters.get("do"):
            case "loop":
                while True:
                    pass
            case "loop-in-c":
                # Some 2^64 steps, all of them with the interpreter's lock held.
                re.match("(a+)+$", "a" * 64 + "b")
            case "hog":
                held = []
                while True:
                    held.append(b"x" * 8 * 1024**2)
            case "hog-to-limit":
                _take_all(_SMALLEST_ARRAY_BYTES)
            case "hog-to-last-byte":
                _take_all(1)
        columns = request.columns
        value = columns["item.base"] * 2**24 + columns["twice"] + columns["request.offset"]
        return {"value": value, "process": [float(os.getpid())] * request.rows}


def _take_all(smallest: int) -> None:
    """In ever smaller pieces, untouched ones, which take no time. Raises MemoryError where not even `smallest` is left."""
    held = []
    size = 256 * 1024**2
    while True:
        try:
            held.append(np.empty(size, dtype=np.uint8))
        except MemoryError:
            if size <= smallest:
                raise
            size //= 2
