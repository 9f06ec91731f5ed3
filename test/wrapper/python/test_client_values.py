"""What the client sends of values that JSON has not."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tandem_wrapper.client import TandemError
from tandem_wrapper.client.request_body import encode_body

NOON = datetime(2013, 5, 5, 12, tzinfo=UTC)


class Carrier(StrEnum):
    AA = "AA"


def sent(instances: Any, request: Any = None, parameters: Any = None) -> dict[str, Any]:
    return json.loads(encode_body(instances, request, parameters))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.5, 1.5),
        (7, 7),
        (2**53, "9007199254740992"),
        (-(2**63), "-9223372036854775808"),
        (True, True),
        ("Zoë", "Zoë"),
        (Carrier.AA, "AA"),
        (None, None),
        (float("nan"), None),
        (NOON, "2013-05-05T12:00:00Z"),
        (NOON.astimezone(timezone(timedelta(hours=-4))), "2013-05-05T12:00:00Z"),
        (NOON.replace(microsecond=250_000), "2013-05-05T12:00:00.250000Z"),
        (np.float32(0.5), 0.5),
        (np.float64("nan"), None),
        (np.int64(2**60), "1152921504606846976"),
        (np.bool_(False), False),
        (np.str_("x"), "x"),
        (np.datetime64("NaT"), None),
        (np.array([1.0, np.nan]), [1.0, None]),
        ([1, None, float("nan")], [1, None, None]),
        (pd.NA, None),
        (pd.NaT, None),
        (pd.Timestamp("2013-05-05 08:00", tz="America/New_York"), "2013-05-05T12:00:00Z"),
    ],
)
def test_values_of_python_numpy_and_pandas_are_those_of_json(value: Any, expected: Any) -> None:
    assert sent([{"a": value}]) == {"instances": [{"a": expected}]}
    assert sent([], {"a": value}, {"b": value}) == {"instances": [], "request": {"a": expected}, "parameters": {"b": expected}}


def test_a_frame_is_sent_by_column() -> None:
    frame = pd.DataFrame(
        {
            "tail": ["N1", None],
            "carrier": pd.Categorical(["AA", None]),
            "seats": pd.array([150, None], dtype="Int64"),
            "distance": [1.5, float("nan")],
            "departs": pd.to_datetime(["2013-05-05T08:00", None]).tz_localize("America/New_York"),
            "night": [True, False],
        },
        index=[7, 9],
    )
    expected = {
        "tail": ["N1", None],
        "carrier": ["AA", None],
        "seats": [150, None],
        "distance": [1.5, None],
        "departs": ["2013-05-05T12:00:00Z", None],
        "night": [True, False],
    }
    assert sent(frame) == {"inputs": expected}
    assert sent({name: frame[name] for name in frame}) == {"inputs": expected}


def test_columns_are_lists_arrays_or_tuples() -> None:
    columns = {"a": np.arange(2, dtype=np.float32), "b": (1, 2), "c": np.array(["NaT", "NaT"], "datetime64[ns]")}
    assert sent(columns) == {"inputs": {"a": [0.0, 1.0], "b": [1, 2], "c": [None, None]}}


NO_ZONE = "must be a timestamp with a zone (2013-05-05T13:00:00Z), is 2013-05-05"
KINDS = "must be a number, a text, a bool, a timestamp with a zone, None or a list of these, is of type"


@pytest.mark.parametrize(
    ("instances", "sentence"),
    [
        ([{}, {"t": datetime(2013, 5, 5)}], f"instances[1].t {NO_ZONE} 00:00:00."),
        ({"t": [NOON, pd.Timestamp("2013-05-05")]}, f"instances[1].t {NO_ZONE} 00:00:00."),
        ({"t": np.array(["2013-05-05"], "datetime64[D]")}, f"instances[0].t {NO_ZONE}."),
        ({"t": np.array(["2013-05-05"], "datetime64[ns]")}, f"instances[0].t {NO_ZONE}T00:00:00.000000000."),
        (pd.DataFrame({"t": pd.to_datetime(["2013-05-05"])}), f"instances[0].t {NO_ZONE} 00:00:00."),
        ({"t": np.array([1], "timedelta64[ns]")}, "instances[0].t must not be a duration; send a number of seconds."),
        ([{"t": date(2013, 5, 5)}], f"instances[0].t {KINDS} date."),
        ([{"t": b"x"}], f"instances[0].t {KINDS} bytes."),
        ([{"t": float("-inf")}], "instances[0].t must be a finite number."),
        ([{"t": 1}, "x"], "instances[1] must be a dict of inputs, is of type str."),
        ({"t": 1}, "inputs.t must be a list with one value an instance; a single instance is sent as a list with one dict."),
        ({"t": "AA"}, "inputs.t must be a list with one value an instance; a single instance is sent as a list with one dict."),
        (7, "instances must be a list of dicts, a dict of columns or a DataFrame, is of type int."),
        (pd.DataFrame([[1, 2]]), "The DataFrame must have columns with names, each once."),
        (pd.DataFrame([[1, 2]], columns=["t", "t"]), "The DataFrame must have columns with names, each once."),
    ],
)
def test_what_cannot_be_sent_is_named(instances: Any, sentence: str) -> None:
    with pytest.raises(TandemError) as raised:
        sent(instances)
    assert (raised.value.code, raised.value.message) == ("INVALID_INPUT", sentence)
    assert raised.value.details[0]["problem"] in sentence


def test_an_error_of_the_request_names_its_field_and_survives_pickling() -> None:
    import pickle

    with pytest.raises(TandemError, match="^INVALID_INPUT: request.time must be a timestamp with a zone") as raised:
        sent([], {"time": datetime(2013, 5, 5)})
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.details) == (str(raised.value), [{"field": "request.time", "problem": again.details[0]["problem"]}])
