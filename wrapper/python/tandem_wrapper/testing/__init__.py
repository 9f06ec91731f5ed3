"""Runs a predictor as the wrapper does, for tests: `from tandem_wrapper.testing import run_case`."""

from .run_case import run_case

__all__ = ["run_case"]
