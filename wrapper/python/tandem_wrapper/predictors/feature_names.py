"""
Compares the features of the YAML with the columns that a model was trained on. check-model/compare-features.ts does so
without opening the model, by the same rules and in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from ..layout import Layout
from .model_file import not_ready

_MAX_LISTED = 4
"""Differences of one kind in a sentence; the rest is counted."""


def check_features(layout: Layout, names: Sequence[str] | None, width: int | None, file: str) -> None:
    """
    `names` are the model's columns in their order. None: it was trained on a bare array, and only their number, `width`, is
    compared, where it is known. Raises NOT_READY with the differences.
    """
    if layout.features is None:
        return
    features = layout.names
    if names is None:
        if width is not None and width != len(features):
            columns = "1 column" if width == 1 else f"{width} columns"
            raise not_ready(f"{file} takes {columns}, and the YAML lists {len(features)}")
        return
    here, there = [_key(name) for name in features], [_key(name) for name in names]
    if here == there:
        return
    missing = [(at, name) for at, name in enumerate(names) if _key(name) not in here]
    extra = [name for name in features if _key(name) not in there]
    if missing or extra:
        differences = [*_missing(missing, extra, file), *_extra(extra, [name for _, name in missing], file)]
        raise not_ready("; ".join(differences))
    moved = [
        f"`{name}` is {at + 1}, not {there.index(key) + 1}"
        for at, (name, key) in enumerate(zip(features, here, strict=True))
        if there[at : at + 1] != [key]
    ]
    more = f" and {len(moved) - _MAX_LISTED} more" if len(moved) > _MAX_LISTED else ""
    raise not_ready(f"the features are in another order than the inputs of {file}: {', '.join(moved[:_MAX_LISTED])}{more}")


def _missing(missing: Sequence[tuple[int, str]], extra: Sequence[str], file: str) -> Iterator[str]:
    for at, name in missing[:_MAX_LISTED]:
        near = _near(name, extra)
        yield f"`{name}` is missing: it is input {at + 1} of {file}" + (f", is it `{near}`?" if near else "")
    if len(missing) > _MAX_LISTED:
        yield f"{len(missing) - _MAX_LISTED} more are missing"


def _extra(extra: Sequence[str], missing: Sequence[str], file: str) -> Iterator[str]:
    for name in extra[:_MAX_LISTED]:
        near = _near(name, missing)
        yield f"`{name}` is too much: {file} has no such input" + (f", did you mean `{near}`?" if near else "")
    if len(extra) > _MAX_LISTED:
        yield f"{len(extra) - _MAX_LISTED} more are too much"


def _near(name: str, candidates: Sequence[str]) -> str | None:
    return next(iter(get_close_matches(name, candidates, 1)), None)


def _key(name: str) -> str:
    """A name as all formats can write it: LightGBM has an underscore for white space, tables often one for a dot."""
    return "".join(letter if letter.isalnum() else "_" for letter in name)
