"""The client against an orchestrator: its address is in TANDEM_URL, its YAML in tandem-project.ts."""

import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import numpy as np
import pandas as pd
import pytest
from tandem_wrapper.client import AsyncClient, Client, TandemError

URL = os.environ["TANDEM_URL"]
NOON = datetime(2013, 5, 5, 12, tzinfo=UTC)
INSTANCES = [{"id": "a", "x": 0.25, "at": NOON}, {"id": "b", "x": 0.75, "at": NOON}]


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(URL) as client:
        yield client


def test_an_answer_has_arrays_and_says_who_gave_it(client: Client) -> None:
    answer = client.predict("risk", INSTANCES, {"times": 2}, {"topK": 1}, headers={"X-Request-Id": "mine"})
    assert isinstance(answer.predictions, np.ndarray) and answer.predictions.dtype == np.float64
    assert answer.predictions.tolist() == [0.5, 1.5]
    assert answer.ids == ["a", "b"]
    assert answer.ranking is not None and answer.ranking.tolist() == [1]
    assert (answer.degraded, answer.errors, answer.fallback) == ([], [], None)
    assert answer.request_id == "mine"
    assert answer.model_version is not None and len(answer.model_version) == 12
    assert answer.frame().to_dict() == {"prediction": {"a": 0.5, "b": 1.5}}


def test_rows_columns_and_a_frame_get_the_same_answer(client: Client) -> None:
    columns = {"id": ["a", "b"], "x": np.array([0.25, 0.75], np.float32), "at": [NOON, NOON]}
    frame = pd.DataFrame({"id": ["a", "b"], "x": [0.25, 0.75], "at": pd.Series([NOON, NOON])})
    for instances in (INSTANCES, columns, frame):
        assert client.predict("risk", instances, {"times": 2}).predictions.tolist() == [0.5, 1.5]


def test_an_instance_that_fails_is_nan_and_named(client: Client) -> None:
    answer = client.predict("risk", [{"id": "a", "x": float("nan"), "at": NOON}, INSTANCES[1]], {"times": 1})
    assert np.array_equal(answer.predictions, [np.nan, 0.75], equal_nan=True)
    (error,) = answer.errors
    assert (error["instance"], error["code"]) == (0, "INVALID_INPUT")
    assert error["details"] == [{"instance": 0, "field": "x", "problem": "is required (double)"}]
    frame = answer.frame()
    assert list(frame.columns) == ["prediction", "error"]
    assert list(frame.index) == ["a", "b"]
    assert frame["error"]["a"] == "INVALID_INPUT" and pd.isna(frame["error"]["b"])


def test_several_outputs_are_arrays_by_name(client: Client) -> None:
    answer = client.predict("both", [{**INSTANCES[0], "x": None}, INSTANCES[1]], {"times": 1})
    assert isinstance(answer.predictions, dict)
    assert np.array_equal(answer.predictions["risk"], [np.nan, 0.75], equal_nan=True)
    assert answer.predictions["label"].tolist() == [None, "late"]
    assert np.array_equal(answer.predictions["pair"], [[np.nan, np.nan], [0.75, 1.75]], equal_nan=True)
    assert answer.ids is None
    frame = answer.frame()
    assert list(frame.columns) == ["risk", "label", "pair", "error"]
    assert (frame["risk"][1], frame["label"][1], frame["pair"][1].tolist()) == (0.75, "late", [0.75, 1.75])


def test_a_frame_without_pandas_says_how_to_get_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = client.predict("risk", INSTANCES, {"times": 2}), client.features("risk", INSTANCES, {"times": 2})
    monkeypatch.setitem(sys.modules, "pandas", None)
    for answer in answers:
        with pytest.raises(ImportError, match=r"^(Features)?Answer.frame\(\) needs pandas: pip install pandas$"):
            answer.frame()


def test_features_are_what_the_model_would_be_given(client: Client) -> None:
    answer = client.features("risk", INSTANCES, {"times": 2}, features=["times", "instance.x"])
    assert (answer.rows, answer.ids) == (2, ["a", "b"])
    assert list(answer.features) == ["times", "instance.x"]
    x = answer.features["instance.x"]
    assert (x.values.tolist(), x.statuses, x.sources, x.ages_ms) == ([0.25, 0.75], ["PRESENT"] * 2, ["request"] * 2, None)
    assert answer.frame().to_dict("list") == {"times": [2.0, 2.0], "instance.x": [0.25, 0.75]}
    assert list(client.features("risk", INSTANCES, {"times": 2}).features) == ["instance.x", "times"]


def test_what_is_degraded_is_told(client: Client) -> None:
    answer = client.features("both", [{"id": "a", "x": 1, "at": NOON}], {"times": 1}, {"degraded": "full"})
    assert answer.degraded == [{"view": "plane", "status": "NOT_FOUND", "source": "none", "count": 1, "rows": [0]}]
    seats = answer.features["plane.seats"]
    assert np.isnan(seats.values).tolist() == [True] and seats.statuses == ["NOT_FOUND"]
    assert seats.ages_ms is not None and np.isnan(seats.ages_ms).tolist() == [True]


def test_a_refusal_is_raised_as_the_server_words_it(client: Client) -> None:
    with pytest.raises(TandemError) as raised:
        client.predict("risk", [{"id": "a", "x": "no", "at": NOON}], {"times": 1})
    error = raised.value
    assert str(error) == 'INVALID_INPUT: instances[0].x must be a number, is "no".'
    assert (error.code, error.status, error.retryable) == ("INVALID_INPUT", 400, False)
    assert error.details == [{"instance": 0, "field": "x", "problem": 'must be a number, is "no"'}]
    assert error.request_id
    with pytest.raises(TandemError, match='There is no model of that name. Did you mean "risk"?') as raised:
        client.predict("rusk", INSTANCES, {"times": 1})
    assert raised.value.status == 404


def test_a_body_that_the_server_does_not_read_to_its_end_is_answered(client: Client) -> None:
    with pytest.raises(TandemError) as raised:
        client.predict("risk", [{"id": "a" * 5_000_000, "x": 1, "at": NOON}], {"times": 1})
    assert (raised.value.code, raised.value.status) == ("PAYLOAD_TOO_LARGE", 413)


def test_the_servers_own_word_at_the_deadline_arrives_in_time(client: Client) -> None:
    # `both` has no fallback, `risk` has: each is the server's, which had a little less than the client waits.
    with pytest.raises(TandemError) as raised:
        client.predict("both", INSTANCES, {"times": 1}, {"hang": True}, timeout=2.5)
    assert (raised.value.code, raised.value.status) == ("DEADLINE_EXCEEDED", 504)
    answer = client.predict("risk", INSTANCES, {"times": 1}, {"hang": True}, timeout=2.5)
    assert (answer.fallback, answer.predictions.tolist()) == ("DEADLINE_EXCEEDED", [0.2, 0.2])


def test_the_async_client_has_many_calls_open() -> None:
    async def ask() -> list[list[float]]:
        async with AsyncClient(URL) as client:
            calls = [client.predict("risk", INSTANCES, {"times": times}) for times in range(20)]
            answers = await asyncio.gather(*calls)
            features = await client.features("risk", INSTANCES, {"times": 3}, features=["times"])
            assert features.features["times"].values.tolist() == [3, 3]
            with pytest.raises(TandemError, match="UNKNOWN_MODEL"):
                await client.predict("nobody", INSTANCES)
            return [answer.predictions.tolist() for answer in answers]

    assert asyncio.run(ask()) == [[0.25 * times, 0.75 * times] for times in range(20)]


def test_a_client_of_httpx_that_is_given_stays_open() -> None:
    with httpx.Client(headers={"X-Request-Id": "theirs"}) as http:
        for _ in range(2):
            with Client(URL, http=http) as client:
                assert client.predict("risk", INSTANCES, {"times": 2}).request_id == "theirs"
