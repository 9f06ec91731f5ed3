"""
Asks a running orchestrator over HTTP: for services and notebooks.

    from tandem_wrapper.client import Client

    with Client("http://127.0.0.1:8080") as client:
        answer = client.predict("delay-risk", instances, {"time": now})

Needs httpx, which does both the blocking and the async client with one set of errors, keeps connections, and can give a
whole call up; the standard library has no async client. It needs no grpcio.
"""

from ..optional import missing

try:
    import httpx as _httpx  # noqa: F401
except ModuleNotFoundError as cause:
    raise missing("tandem_wrapper.client", "httpx") from cause

from .answers import Answer, Degraded, Feature, FeaturesAnswer, InstanceError
from .async_client import AsyncClient
from .client import Client
from .error import Detail, TandemError
from .request_body import Instances

__all__ = [
    "Answer",
    "AsyncClient",
    "Client",
    "Degraded",
    "Detail",
    "Feature",
    "FeaturesAnswer",
    "InstanceError",
    "Instances",
    "TandemError",
]
