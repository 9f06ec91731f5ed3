"""Prints one line a check; `finish` prints the count and exits 1 when one of them failed."""

import sys

_results: list[bool] = []


def check(name: str, holds: bool, seen: object = "") -> None:
    _results.append(bool(holds))
    print(f"{'ok  ' if holds else 'FAIL'}  {name}{f' ({seen})' if seen != '' else ''}", flush=True)


def finish() -> None:
    print(f"{len(_results)} checks, {_results.count(False)} failed\n", flush=True)
    sys.exit(0 if all(_results) else 1)
