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
    """One call, to be tried as often as `tries` allows; `answers` is the key that its answer has."""

    def __init__(
        self, url: str, answers: str, body: bytes, headers: Mapping[str, str] | None, tries: Tries
    ) -> None:
        self.url = url
        self._answers = answers
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

    def read(self, response: httpx.Response, content: bytes) -> dict[str, Any]:
        """The JSON of an answer. Raises the error that it is, or UNREADABLE_ANSWER where it is none of Tandem's."""
        try:
            body = json.loads(content)
        except ValueError:
            body = None
        status, request_id = response.status_code, response.headers.get("X-Request-Id")
        if isinstance(body, dict):
            if status == 200 and self._answers in body:
                return body
            code, sentence, details = body.get("code"), body.get("error"), body.get("details", ())
            if status != 200 and isinstance(code, str):
                raise TandemError(code, str(sentence), body.get("retryable") is True, details, status, request_id)
        sentence = f"The answer ({status}) is not Tandem's: the URL names another server, or there is one between."
        raise TandemError("UNREADABLE_ANSWER", sentence, False, (), status, request_id)


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
        url = f"{self._models}/{quote(model, safe='')}:{verb}"
        return Call(url, "predictions" if verb == "predict" else verb, body, headers, tries)
