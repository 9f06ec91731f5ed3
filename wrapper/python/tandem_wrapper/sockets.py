"""The Unix socket that a wrapper listens on."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

from .errors import WrapperError


def clear_socket(path: str) -> None:
    """
    Removes a socket that nobody listens on any more. Raises NOT_READY where somebody does, or it is another file: gRPC
    itself would take the place of either.
    """
    file = Path(path)
    try:
        mode = file.lstat().st_mode
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
        return
    if not stat.S_ISSOCK(mode):
        raise WrapperError("NOT_READY", f"The wrapper cannot listen on unix:{path}: there is a file of that name.")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except OSError:
            file.unlink(missing_ok=True)
            return
    raise WrapperError("NOT_READY", f"The wrapper cannot listen on unix:{path}: another wrapper does already.")


def set_socket_mode(path: str, mode: int) -> None:
    """Nobody connects before: the server is bound, and does not listen yet."""
    os.chmod(path, mode)
