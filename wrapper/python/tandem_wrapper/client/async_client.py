"""The async client."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import httpx

from .answers import Answer, FeaturesAnswer
from .call import Call, Endpoint
from .error import TandemError
from .request_body import Instances, encode_body


class AsyncClient:
    """
    `Client` for an asyncio loop, with the same arguments; `http` is an `httpx.AsyncClient`. A task that is cancelled hangs
    up, and the server then drops the call too. `aclose` it, or use it by `async with`.
    """

    def __init__(
        self, url: str, *, timeout: float = 10.0, attempts: int = 3, http: httpx.AsyncClient | None = None
    ) -> None:
        self._endpoint = Endpoint(url, timeout, attempts)
        self._owns_http = http is None
        self._http = httpx.AsyncClient(trust_env=False) if http is None else http

    async def predict(
        self,
        model: str,
        instances: Instances,
        request: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`Client.predict`."""
        body = encode_body(instances, request, parameters)
        return Answer.read(*await self._run(self._endpoint.call(model, "predict", body, timeout, headers)))

    async def features(
        self,
        model: str,
        instances: Instances,
        request: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        *,
        features: Sequence[str] | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> FeaturesAnswer:
        """`Client.features`."""
        body = encode_body(instances, request, parameters, features)
        return FeaturesAnswer.read(*await self._run(self._endpoint.call(model, "features", body, timeout, headers)))

    async def aclose(self) -> None:
        """Hangs up."""
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _run(self, call: Call) -> tuple[dict[str, Any], httpx.Headers]:
        while True:
            try:
                return await self._try(call)
            except TandemError as failure:
                await asyncio.sleep(call.tries.pause_after(failure))

    async def _try(self, call: Call) -> tuple[dict[str, Any], httpx.Headers]:
        headers = call.headers()
        try:
            async with asyncio.timeout(call.tries.remaining()):
                response = await self._http.post(call.url, content=call.body, headers=headers, timeout=None)
        except TimeoutError as cause:
            raise call.tries.expired() from cause
        except httpx.RequestError as cause:
            raise call.unreachable(cause) from cause
        return call.read(response, response.content), response.headers
