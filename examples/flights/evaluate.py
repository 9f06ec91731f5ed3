"""Judges the example's model beside simpler scores, and each view by what is lost without it, on months it has not seen.

    python examples/flights/evaluate.py

Reads what `tandem batch` wrote of the departures (AUC) and of the boards (NDCG@20), and the model that train.py wrote.
Writes model/evaluation.json with every figure; a second run writes the same bytes.
"""

import json

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from judge import Figure, auc, has_an_order, judge, ndcg
from prepare import NEW_YORK, read_flights
from train import FEATURES, HERE, THREADS, fit, matrix, read_batch, run_onnx, split

# What the model is given where a view has no row: the defaults of tandem.yaml, else null.
MISSING = {
    "pulse": {"pulse.mean_delay": np.nan},
    "weather": {"weather.temp": np.nan, "weather.wind": 8.0},
    "route": {"route.late_share": np.nan},
    "plane": {"plane_age": np.nan, "plane.seats": 150.0},
    "dest_airport, home_airport": {"tz_shift": np.nan},
}
MISSING["all of them"] = {name: value for view in list(MISSING.values()) for name, value in view.items()}
MODEL = "the model"
YESTERDAY = "yesterday's flight of the same number"
ALONE = {"pulse.mean_delay alone": "pulse.mean_delay", YESTERDAY: "yesterday", "route.late_share alone": "route.late_share"}
# A delay is known once the flight is at its gate. The data has no taxiing; where both ends are in one time zone the clock
# times tell it, and it never took longer than 185 minutes.
TAXIING = pd.Timedelta(hours=4)

Scores = dict[str, np.ndarray]


def yesterday(rows: pd.DataFrame, flights: pd.DataFrame) -> np.ndarray:
    """The arrival delay of the flight of the same number on the day before, NaN where the row's moment did not know it."""
    past = pd.DataFrame(
        {
            "number": flights["id"].str.split("-").str[0],
            "date": flights["departs"].dt.tz_convert(NEW_YORK).dt.date,
            "known": flights["left"] + pd.to_timedelta(flights["air_time"], unit="min") + TAXIING,
            "delay": flights["arr_delay"],
        }
    )
    # On 24 days of the year one number left twice; the later one is the day's.
    past = past.drop_duplicates(["number", "date"], keep="last")
    local = rows["departs"].dt.tz_convert(NEW_YORK)
    wanted = pd.DataFrame({"number": rows["id"].str.split("-").str[0], "date": (local - pd.Timedelta(days=1)).dt.date})
    found = wanted.merge(past, on=["number", "date"], how="left", validate="many_to_one")
    return found["delay"].where(found["known"] <= rows["request.time"]).to_numpy(dtype=float)


def read_features(features: str, asked: str, flights: pd.DataFrame) -> pd.DataFrame:
    """What batch wrote, with the moment that each row was asked about, and what yesterday's flight tells of it."""
    rows = read_batch(HERE / ".cache" / features)
    moments = pd.read_parquet(HERE / ".cache" / asked, columns=["id", "request.time", "departs"])
    assert rows["id"].equals(moments["id"])
    rows = rows.assign(**moments[["request.time", "departs"]])
    return rows.assign(yesterday=yesterday(rows, flights))


def scores_of(rows: pd.DataFrame, train: pd.DataFrame, retrained: dict) -> Scores:
    """The model, what one could do without it, and the model without each view: at serving alone, and from training on."""
    served = HERE / "model" / "model.onnx"
    alone = {name: rows[column].fillna(train[column].mean()).to_numpy(dtype=float) for name, column in ALONE.items()}
    missing = {view: run_onnx(served, matrix(rows.assign(**values))) for view, values in MISSING.items()}
    with threadpool_limits(THREADS):
        without = {view: model.predict_proba(matrix(rows, kept))[:, 1] for view, (model, kept) in retrained.items()}
    return {
        MODEL: run_onnx(served, matrix(rows)),
        **alone,
        "a constant": np.zeros(len(rows)),
        **{f"{view} missing": score for view, score in missing.items()},
        **{f"without {view}": score for view, score in without.items()},
    }


def judge_flights(rows: pd.DataFrame, scores: Scores) -> dict[str, Figure]:
    days, day = np.unique(rows["day"], return_inverse=True)
    late = rows["late"].to_numpy(dtype=int)
    return judge({name: auc(late, score, day) for name, score in scores.items()}, len(days))


def judge_boards(rows: pd.DataFrame, scores: Scores) -> tuple[dict[str, Figure], dict[str, int]]:
    late = rows["late"].to_numpy(dtype=int)
    boards = [places for places in rows.groupby("request.time").indices.values() if has_an_order(late[places])]
    days, day = np.unique([rows["day"][places[0]] for places in boards], return_inverse=True)
    gains = [late[places] for places in boards]
    statistics = {name: ndcg(gains, [score[places] for places in boards], day) for name, score in scores.items()}
    return judge(statistics, len(days)), {"boards": len(boards), "days": len(days)}


def main() -> None:
    flights = read_flights()
    train, test = split(read_features("features.parquet", "departures.parquet", flights))
    shown = read_features("hours-features.parquet", "hours.parquet", flights)
    boards = shown[shown["late"].notna()].reset_index(drop=True)

    kept = {view: [name for name in FEATURES if name not in values] for view, values in MISSING.items()}
    retrained = {view: (fit(train, names), names) for view, names in kept.items()}
    by_flight = judge_flights(test, scores_of(test, train, retrained))
    by_board, counts = judge_boards(boards, scores_of(boards, train, retrained))

    def both(name: str) -> dict[str, Figure]:
        return {"AUC": by_flight[name], "NDCG@20": by_board[name]}

    def ahead_of(name: str) -> dict[str, Figure]:
        return both(f"{MODEL} ahead of {name}")

    simpler = [*ALONE, "a constant"]
    evaluation = {
        "judged on": {
            "AUC": {"flights": len(test), "days": test["day"].nunique()},
            "NDCG@20": {**counts, "boards without an order": shown["request.time"].nunique() - counts["boards"]},
            "share of flights with a known yesterday": round(float(test["yesterday"].notna().mean()), 4),
        },
        "scores": {name: both(name) for name in [MODEL, *simpler]},
        "the model ahead of": {name: ahead_of(name) for name in simpler},
        "what a view is worth": {
            view: {
                "as a missing row": {name: None if np.isnan(value) else value for name, value in values.items()},
                "missing": ahead_of(f"{view} missing"),
                "never learned": ahead_of(f"without {view}"),
            }
            for view, values in MISSING.items()
        },
    }
    text = json.dumps(evaluation, indent=2) + "\n"
    (HERE / "model" / "evaluation.json").write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main()
