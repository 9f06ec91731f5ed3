"""What a model is called while no registry names its version."""

from __future__ import annotations

import hashlib
from pathlib import Path


def model_version(predictor: Path | None, model_uri: Path | None) -> str:
    """
    12 hex digits over the bytes of the predictor's file and of everything under `model_uri`: pods with the same files
    agree, and a changed file shows in every answer. wrapper/model-version.ts makes the same.
    """
    digest = hashlib.sha256()
    if predictor is not None:
        _add_file(digest, predictor)
    if model_uri is not None:
        _add_tree(digest, model_uri, "")
    return digest.hexdigest()[:12]


def _add_tree(digest: hashlib._Hash, root: Path, relative: str) -> None:
    path = root / relative if relative else root
    if path.is_file():
        digest.update(f"\0{relative}\0{path.stat().st_size}\0".encode())
        _add_file(digest, path)
    elif path.is_dir():
        for name in sorted(each.name for each in path.iterdir()):
            # What Python compiles beside a predictor changes with the interpreter, not with the model.
            if name != "__pycache__":
                _add_tree(digest, root, f"{relative}/{name}" if relative else name)


def _add_file(digest: hashlib._Hash, path: Path) -> None:
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
