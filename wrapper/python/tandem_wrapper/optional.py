"""Packages that only some need: who asks for what needs one is told how to get it."""


def missing(what: str, package: str) -> ImportError:
    """The error of `what`, which cannot be had without `package`."""
    return ImportError(f"{what} needs {package}: pip install {package}", name=package)
