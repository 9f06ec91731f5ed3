"""What a call can fail with: the codes of Tandem, and the gRPC status of each (foundation/errors.ts has the table)."""

from __future__ import annotations

import grpc

_STATUS = {
    "INVALID_INPUT": grpc.StatusCode.INVALID_ARGUMENT,
    "UNKNOWN_MODEL": grpc.StatusCode.NOT_FOUND,
    "OVERLOADED": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "CANCELLED": grpc.StatusCode.CANCELLED,
    "INTERNAL": grpc.StatusCode.INTERNAL,
    "PREDICTOR_FAILED": grpc.StatusCode.INTERNAL,
    "PREDICTOR_INVALID_OUTPUT": grpc.StatusCode.INTERNAL,
    "NOT_READY": grpc.StatusCode.UNAVAILABLE,
    "DEADLINE_EXCEEDED": grpc.StatusCode.DEADLINE_EXCEEDED,
}


class WrapperError(Exception):
    """The only error that a caller sees. `message` is a sentence without paths, secrets or stacks; the cause is logged."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @property
    def status(self) -> grpc.StatusCode:
        return _STATUS[self.code]

    @property
    def status_number(self) -> int:
        return int(self.status.value[0])


def as_wrapper_error(error: BaseException) -> WrapperError:
    """Anything raised, as one of ours; what is not says nothing of its text to callers."""
    if isinstance(error, WrapperError):
        return error
    wrapped = WrapperError("INTERNAL", "An internal error occurred; the log names it.")
    wrapped.__cause__ = error
    return wrapped
