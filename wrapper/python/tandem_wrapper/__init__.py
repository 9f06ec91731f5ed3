"""
Hosts a researcher's class with `load` and `predict` behind the Open Inference Protocol.

The names are loaded when they are asked for: `python -m tandem_wrapper` must be able to say that NumPy is missing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .open_predictor import Predictor
    from .request import PredictRequest

__all__ = ["PredictRequest", "Predictor"]


def __getattr__(name: str) -> Any:
    if name == "Predictor":
        from .open_predictor import Predictor

        return Predictor
    if name == "PredictRequest":
        from .request import PredictRequest

        return PredictRequest
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
