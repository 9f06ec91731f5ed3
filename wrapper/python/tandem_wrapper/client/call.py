"""What the blocking and the async client share: where a call goes, and what its answer says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from .error import TandemError
from .tries import Tries


class Call:
    """One call, to be tried as often as `tries` allows."""

    def __init__(self, url: str, body: bytes, headers: Mapping[str, str] | None, tries: Tries) -> None:
        self.url = url
        self.body = body
        self.tries = tries
        self._headers = headers or {}

    def headers(self) -> dict[str, str]:
        """Those of the next try. Raises DEADLINE_EXCEEDED."""
        own = {"Content-Type": "application/json", "X-Request-Timeout-Ms": str(self.tries.server_timeout_ms())}
        return {**self._headers, **own}

    def unreachable(self, cause: httpx.RequestError) -> TandemError:
        """The error of a try that did not get an answer."""
        # Host and port alone: a URL may have a password in it.
        host = httpx.URL(self.url).netloc.decode()
        return TandemError("UNREACHABLE", f"There was no answer from {host}: {cause}.", retryable=True)


class Endpoint:
    """An orchestrator. `url` is `http://host:port`, with the path before `/v1` where a gateway adds one."""

    def __init__(self, url: str, timeout: float, attempts: int) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError('the URL of an orchestrator begins with http:// or https://, as in "http://127.0.0.1:8080"')
        if attempts < 1:
            raise ValueError(f"attempts must be 1 or more, is {attempts}")
        self._models = f"{url.rstrip('/')}/v1/models"
        self._timeout = timeout
        self._attempts = attempts

    def call(
        self, model: str, verb: str, body: bytes, timeout: float | None, headers: Mapping[str, str] | None
    ) -> Call:
        """A call whose time begins now."""
        tries = Tries(self._timeout if timeout is None else timeout, self._attempts)
        return Call(f"{self._models}/{quote(model, safe='')}:{verb}", body, headers, tries)


def read_answer(response: httpx.Response, content: bytes) -> dict[str, Any]:
    """The JSON of an answer. Raises the error that it is, or UNREADABLE_ANSWER where it is not one of Tandem's."""
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    request_id = response.headers.get("X-Request-Id")
    if not isinstance(body, dict) or (response.status_code != 200 and "code" not in body):
        sentence = f"The answer ({response.status_code}) is not Tandem's: the URL names another server, or one between."
        raise TandemError("UNREADABLE_ANSWER", sentence, False, (), response.status_code, request_id)
    if response.status_code == 200:
        return body
    retryable = body.get("retryable") is True
    details = body.get("details", ())
    raise TandemError(body["code"], str(body.get("error")), retryable, details, response.status_code, request_id)
