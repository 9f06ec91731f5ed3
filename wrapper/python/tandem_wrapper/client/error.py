"""What a call can fail with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NotRequired, TypedDict


class Detail(TypedDict):
    """One thing that is wrong with a request; without `instance` it is the request itself."""

    instance: NotRequired[int]
    field: NotRequired[str]
    problem: str


class TandemError(Exception):
    """
    The only error of a call. Nearly always it is the server's, word for word; three are the client's own and have no
    `status`: INVALID_INPUT for what cannot be sent as JSON, DEADLINE_EXCEEDED where `timeout` passed without an answer,
    UNREACHABLE where there was no connection, or it broke. UNREADABLE_ANSWER is an answer that is not Tandem's.

    code: from the table of codes (docs/serving.md), or UNREACHABLE or UNREADABLE_ANSWER.
    retryable: whether the same call may succeed later; the client has retried such a one already.
    details: instances and fields, where they are to blame.
    status: of HTTP; None without an answer.
    request_id: under which the server's log has it; None without an answer.
    """

    def __init__(
        self,
        code: str,
        message: str,
        retryable: bool = False,
        details: Sequence[Detail] = (),
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        # All of them are args, so that it can be pickled: process pools send errors so.
        super().__init__(code, message, retryable, details, status, request_id)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.details = list(details)
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
