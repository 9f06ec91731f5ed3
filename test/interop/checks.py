"""Prints one line a check; `finish` exits 1 when one of them failed."""

import sys

_failed = 0


def check(name: str, holds: bool, seen: object = "") -> None:
    global _failed
    _failed += not holds
    print(f"{'ok  ' if holds else 'FAIL'}  {name}{f' ({seen})' if seen != '' else ''}", flush=True)


def finish() -> None:
    sys.exit(1 if _failed else 0)
