"""Pauses and deadline of the client, by a clock of the test's."""

import pytest
from tandem_wrapper.client import TandemError
from tandem_wrapper.client.tries import Tries

OVERLOADED = TandemError("OVERLOADED", "Too much.", retryable=True)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def tries(timeout: float, attempts: int, chance: float, clock: Clock | None = None) -> Tries:
    return Tries(timeout, attempts, clock or Clock(), lambda: chance)


def pauses(chance: float, count: int) -> list[float]:
    some = tries(1000, count + 1, chance)
    return [some.pause_after(OVERLOADED) for _ in range(count)]


def test_the_longest_pause_doubles_up_to_two_seconds() -> None:
    assert pauses(1, 8) == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_any_shorter_pause_is_as_likely() -> None:
    assert pauses(0, 3) == [0, 0, 0]
    assert pauses(0.5, 3) == [0.025, 0.05, 0.1]


def test_a_try_that_would_have_less_than_a_tenth_of_the_time_is_not_made() -> None:
    clock = Clock()
    some = tries(1, 10, 1, clock)
    clock.now += 0.84
    assert some.pause_after(OVERLOADED) == 0.05
    with pytest.raises(TandemError) as raised:
        some.pause_after(OVERLOADED)
    assert raised.value is OVERLOADED


def test_the_server_is_given_a_tenth_less_and_at_most_250_ms_less_than_is_left() -> None:
    assert tries(0.1, 1, 0).server_timeout_ms() == pytest.approx(90, abs=1)
    assert tries(10, 1, 0).server_timeout_ms() == pytest.approx(9750, abs=1)
    assert tries(0.0005, 1, 0).server_timeout_ms() == 1


def test_nothing_is_tried_after_the_deadline() -> None:
    clock = Clock()
    some = tries(1, 3, 0, clock)
    clock.now += 1
    with pytest.raises(TandemError, match="^DEADLINE_EXCEEDED: There was no answer within 1 s.$"):
        some.remaining()
