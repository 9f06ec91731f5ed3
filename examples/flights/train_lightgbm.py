"""Trains the example's second model on the same features as train.py: LightGBM, to which the airline is a category.

    python examples/flights/train_lightgbm.py [features.parquet]

Writes lightgbm/model.txt and lightgbm/card.json. A second run writes the same bytes.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import lightgbm
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from judge import SEED
from train import FEATURES, HERE, THREADS, read_batch, split

# As tandem.yaml lists them: the batch has their places in this list.
CARRIERS = ["9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV"]
ROUNDS = 150
SETTINGS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 200,
    "lambda_l2": 1.0,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": THREADS,
    "verbose": -1,
}


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """What the model sees: a column a feature by the YAML's name, the airline as a category of its texts."""
    features = rows[FEATURES].astype(float)
    codes = features["carrier"].fillna(-1).astype(int)
    features["carrier"] = pd.Categorical.from_codes(codes, categories=CARRIERS)
    return features


def main(path: Path) -> None:
    train, test = split(read_batch(path))
    data = lightgbm.Dataset(table(train), train["late"].to_numpy(dtype=int))
    model = lightgbm.train(SETTINGS, data, ROUNDS)
    model.save_model(HERE / "lightgbm" / "model.txt")
    late, risk = test["late"].to_numpy(dtype=int), model.predict(table(test))
    card = {
        "model": "LightGBM: the probability of arriving 15 minutes late or more",
        "rounds": ROUNDS,
        "settings": SETTINGS,
        "rows": {"train": len(train), "test": len(test)},
        "test AUC": round(float(roc_auc_score(late, risk)), 4),
        "test log loss": round(float(log_loss(late, risk)), 4),
        "versions": {name: version(name) for name in ("lightgbm", "numpy", "pandas")},
    }
    text = json.dumps(card, indent=2) + "\n"
    (HERE / "lightgbm" / "card.json").write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / ".cache" / "features.parquet")
