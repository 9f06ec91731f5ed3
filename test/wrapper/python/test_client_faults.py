"""The client against a server that fails first."""

import asyncio
import socket
import time

import pytest
from faulty_server import Reply, answers, fails, faulty_server, hangs_up, is_silent, trickles
from tandem_wrapper.client import AsyncClient, Client, TandemError

RISK = answers(200, {"predictions": [0.5]})
OVERLOADED = fails(429, "OVERLOADED", True)
NOT_READY = fails(503, "NOT_READY", True)


def predict(url: str, **options: float) -> list[float]:
    with Client(url, **options) as client:
        return client.predict("m", [{"a": 1}]).predictions.tolist()


async def predict_async(url: str, **options: float) -> list[float]:
    async with AsyncClient(url, **options) as client:
        return (await client.predict("m", [{"a": 1}])).predictions.tolist()


def run_async(url: str, **options: float) -> list[float]:
    return asyncio.run(predict_async(url, **options))


both = pytest.mark.parametrize("ask", [predict, run_async])


@both
@pytest.mark.parametrize("failure", [OVERLOADED, NOT_READY, hangs_up])
def test_what_can_be_retried_is_until_it_is_answered(ask, failure: Reply) -> None:
    with faulty_server(failure, failure, RISK) as server:
        assert ask(server.url) == [0.5]
        assert server.calls == 3
        # One deadline: each try has less than the one before, and the server less than the client waits.
        first, second, third = server.timeouts_ms
        assert 10_000 > first >= second >= third > 0


@both
def test_after_as_many_attempts_as_are_allowed_the_last_error_is_raised(ask) -> None:
    with faulty_server(OVERLOADED, NOT_READY) as server:
        with pytest.raises(TandemError) as raised:
            ask(server.url, attempts=2)
        assert (raised.value.code, raised.value.status, raised.value.retryable) == ("NOT_READY", 503, True)
        assert raised.value.request_id == "seven"
        assert server.calls == 2


@both
@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (fails(400, "INVALID_INPUT", False), "INVALID_INPUT"),
        (fails(502, "PREDICTOR_FAILED", False), "PREDICTOR_FAILED"),
        (answers(503, "<html>upstream</html>"), "UNREADABLE_ANSWER"),
        (answers(502, {"message": "no upstream"}), "UNREADABLE_ANSWER"),
        (answers(404, {"code": 5, "message": "no route"}), "UNREADABLE_ANSWER"),
        (answers(200, "It works!"), "UNREADABLE_ANSWER"),
        (answers(200, {"status": "alive"}), "UNREADABLE_ANSWER"),
    ],
)
def test_what_does_not_say_that_it_is_retryable_is_raised_at_once(ask, reply: Reply, code: str) -> None:
    with faulty_server(reply) as server:
        with pytest.raises(TandemError) as raised:
            ask(server.url)
        assert raised.value.code == code
        assert server.calls == 1


@both
@pytest.mark.parametrize("reply", [is_silent, trickles])
def test_the_deadline_ends_a_call_however_the_server_holds_it(ask, reply: Reply) -> None:
    with faulty_server(reply) as server:
        started = time.monotonic()
        with pytest.raises(TandemError) as raised:
            ask(server.url, timeout=0.5)
        assert 0.5 <= time.monotonic() - started < 5
        assert str(raised.value) == "DEADLINE_EXCEEDED: There was no answer within 0.5 s."
        assert (raised.value.status, raised.value.retryable) == (None, True)
        assert server.called.wait(5)
        assert server.calls == 1
        assert 0 < server.timeouts_ms[0] < 500


@both
def test_a_server_that_is_not_there_is_named_after_the_last_attempt(ask) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(TandemError, match=f"^UNREACHABLE: There was no answer from {address}: ") as raised:
            ask(f"http://user:secret@{address}")
    assert "secret" not in str(raised.value)
    assert raised.value.retryable


@both
def test_a_host_that_nobody_knows_is_named(ask) -> None:
    with pytest.raises(TandemError, match="^UNREACHABLE: There was no answer from nobody.invalid: "):
        ask("http://nobody.invalid", attempts=1)


def test_a_task_that_is_cancelled_hangs_up() -> None:
    async def cancelled(url: str, called: asyncio.Future) -> None:
        asking = asyncio.create_task(predict_async(url))
        await called
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    async def run() -> None:
        with faulty_server(is_silent) as server:
            await cancelled(server.url, asyncio.ensure_future(asyncio.to_thread(server.called.wait)))
            assert await asyncio.to_thread(server.left.wait, 5)

    asyncio.run(run())


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_arguments_that_are_none_are_refused_before_a_call(client) -> None:
    with pytest.raises(ValueError, match="begins with http:// or https://"):
        client("127.0.0.1:8080")
    with pytest.raises(ValueError, match="attempts must be 1 or more, is 0"):
        client("http://127.0.0.1", attempts=0)
    for timeout in (0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match=f"timeout must be seconds above 0, is {timeout}"):
            predict("http://127.0.0.1", timeout=timeout)
