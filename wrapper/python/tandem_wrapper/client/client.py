"""The blocking client."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import httpx

from .answers import Answer, FeaturesAnswer
from .call import Call, Endpoint
from .error import TandemError
from .request_body import Instances, encode_body


class Client:
    """
    Calls the models of one orchestrator. Connections are kept, and threads may share it; `close` it, or use it by `with`.

    url: `http://127.0.0.1:8080`.
    timeout: seconds that a call may take with all its tries, unless it says otherwise.
    attempts: how often a call is tried at most: again where the server says that it is retryable, or was not reached.
    http: an `httpx.Client` of your own, for TLS, proxies or headers; it stays yours to close. Without one no proxy of the
        environment is used: the orchestrator is beside its callers.
    """

    def __init__(
        self, url: str, *, timeout: float = 10.0, attempts: int = 3, http: httpx.Client | None = None
    ) -> None:
        self._endpoint = Endpoint(url, timeout, attempts)
        self._owns_http = http is None
        self._http = httpx.Client(trust_env=False) if http is None else http

    def predict(
        self,
        model: str,
        instances: Instances,
        request: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """
        The model's predictions. `request` has the inputs that hold for all instances; `timeout` is in seconds; `headers`
        go to the server: `X-Request-Id`, `traceparent`, `X-Priority`. Raises TandemError.
        """
        body = encode_body(instances, request, parameters)
        return Answer.read(*self._run(self._endpoint.call(model, "predict", body, timeout, headers)))

    def features(
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
        """What the model would be given: all features, or those that `features` names. Raises TandemError."""
        body = encode_body(instances, request, parameters, features)
        return FeaturesAnswer.read(*self._run(self._endpoint.call(model, "features", body, timeout, headers)))

    def close(self) -> None:
        """Hangs up."""
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _run(self, call: Call) -> tuple[dict[str, Any], httpx.Headers]:
        while True:
            try:
                return self._try(call)
            except TandemError as failure:
                time.sleep(call.tries.pause_after(failure))

    def _try(self, call: Call) -> tuple[dict[str, Any], httpx.Headers]:
        headers, timeout = call.headers(), call.tries.remaining()
        content = bytearray()
        try:
            with self._http.stream("POST", call.url, content=call.body, headers=headers, timeout=timeout) as response:
                for chunk in response.iter_bytes():
                    # httpx times each read by itself: many small ones would go on beyond the deadline.
                    call.tries.remaining()
                    content += chunk
        except httpx.TimeoutException as cause:
            raise call.tries.expired() from cause
        except httpx.RequestError as cause:
            raise call.unreachable(cause) from cause
        return call.read(response, bytes(content)), response.headers
