"""Trains the example's model on the features that `tandem batch` wrote, and judges it on months that it has not seen.

    python examples/flights/train.py [features.parquet]

Writes model/model.onnx (float32 `features` [N, F] in, `probabilities` [N, 2] out) and model/card.json with every figure.
A second run writes the same bytes.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import skl2onnx
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score
from skl2onnx.common.data_types import FloatTensorType
from threadpoolctl import threadpool_limits

from judge import SEED, auc, judge

HERE = Path(__file__).parent
THREADS = 2
FEATURES = [  # the model's columns, in the order of tandem.yaml
    "instance.distance",
    "hour",
    "tz_shift",
    "plane_age",
    "plane.seats",
    "route.late_share",
    "pulse.mean_delay",
    "weather.temp",
    "weather.wind",
    "carrier",
]
# Chosen by leaving one month of the training split out at a time; the test split had no say.
SETTINGS = {
    "max_iter": 150,
    "learning_rate": 0.05,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 200,
    "l2_regularization": 1.0,
    "early_stopping": False,
    "random_state": SEED,
}


def matrix(rows: pd.DataFrame, features: list[str] = FEATURES) -> np.ndarray:
    """What the model sees: float32, as it is served, with NaN for null."""
    return rows[features].to_numpy(dtype=np.float32, na_value=np.nan)


def fit(rows: pd.DataFrame, features: list[str] = FEATURES) -> HistGradientBoostingClassifier:
    with threadpool_limits(THREADS):
        model = HistGradientBoostingClassifier(**SETTINGS).fit(matrix(rows, features), rows["late"].to_numpy(dtype=int))
    # ONNX keeps thresholds as float32. Rounded to the nearest, one may land on a value that was just above it and send
    # that value the other way; rounded down, every float32 value goes where it went before.
    for (tree,) in model._predictors:
        thresholds = tree.nodes["num_threshold"]
        nearest = thresholds.astype(np.float32)
        below = np.nextafter(nearest, np.float32(-np.inf))
        tree.nodes["num_threshold"] = np.where(nearest > thresholds, below, nearest)
    return model


def to_onnx(model: HistGradientBoostingClassifier) -> onnx.ModelProto:
    """The model as ONNX: one `features` tensor in; the class and a plain tensor of both probabilities out."""
    make_attribute = onnx.helper.make_attribute

    def without_bools(key, value, *rest, **named):
        # skl2onnx 1.20 lists flags as bools, and onnx 1.23 takes only ints in a list of ints.
        if isinstance(value, list):
            value = [int(item) if isinstance(item, (bool, np.bool_)) else item for item in value]
        return make_attribute(key, value, *rest, **named)

    with patch.object(onnx.helper, "make_attribute", without_bools):
        return skl2onnx.convert_sklearn(
            model,
            name="delay-risk",
            initial_types=[("features", FloatTensorType([None, len(FEATURES)]))],
            options={id(model): {"zipmap": False}},
            target_opset={"": 21, "ai.onnx.ml": 3},
        )


def run_onnx(path: Path, features: np.ndarray) -> np.ndarray:
    """The risk of each row as onnxruntime computes it: the numbers that are judged are the ones that are served."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(["probabilities"], {"features": features})[0][:, 1]


def read_batch(path: Path) -> pd.DataFrame:
    """What `tandem batch --statuses` wrote. Where the weather service was too slow for a row, its defaults stand there: a model
    that learned from them would be another one on each busy machine."""
    rows = pd.read_parquet(path)
    statuses = rows[[f"{feature}.status" for feature in FEATURES]]
    failed = int(statuses.isin(["TIMEOUT", "ERROR"]).any(axis=1).sum())
    if failed > 0:
        sys.exit(f"{path}: a store or service failed to answer for {failed:,} rows. Run batch again.")
    return rows


def split(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """April to August to learn from, September to December to be judged on, without those of which nobody knows."""
    known = rows[rows["late"].notna()]
    train, test = (known[known["split"] == name].reset_index(drop=True) for name in ("train", "test"))
    return train, test


def main(path: Path) -> None:
    rows = read_batch(path)
    train, test = split(rows)

    model = fit(train)
    (HERE / "model").mkdir(exist_ok=True)
    file = HERE / "model" / "model.onnx"
    file.write_bytes(to_onnx(model).SerializeToString())

    risk = run_onnx(file, matrix(test))
    with threadpool_limits(THREADS):
        difference = float(np.abs(risk - model.predict_proba(matrix(test))[:, 1]).max())
    assert difference <= 1e-5, f"ONNX and scikit-learn differ by {difference}"

    share = float(train["late"].mean())
    constant = np.full(len(test), share)
    late = test["late"].to_numpy(dtype=int)
    names, day = np.unique(test["day"], return_inverse=True)
    pulse = test["pulse.mean_delay"].fillna(train["pulse.mean_delay"].mean()).to_numpy(dtype=float)
    card = {
        "model": "HistGradientBoostingClassifier: the probability of arriving 15 minutes late or more",
        "features": FEATURES,
        "settings": SETTINGS,
        "rows": {
            "train": len(train),
            "test": len(test),
            "left out, no arrival delay": len(rows) - len(train) - len(test),
        },
        "late share": {"train": round(share, 4), "test": round(float(test["late"].mean()), 4)},
        "test AUC": {
            "constant": float(roc_auc_score(late, constant)),
            **judge({"model": auc(late, risk, day), "pulse.mean_delay alone": auc(late, pulse, day)}, len(names)),
        },
        "test log loss": {
            "model": round(log_loss(late, risk), 4),
            "constant": round(log_loss(late, constant), 4),
        },
        "largest difference of ONNX and scikit-learn, in millionths": round(difference * 1e6, 2),
        "versions": {name: version(name) for name in ("scikit-learn", "skl2onnx", "onnx", "onnxruntime", "numpy")},
    }
    text = json.dumps(card, indent=2) + "\n"
    (HERE / "model" / "card.json").write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / ".cache" / "features.parquet")
