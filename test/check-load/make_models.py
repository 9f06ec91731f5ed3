"""Makes the models of this folder, small ones on three features. Python, with the packages of requirements.txt:

    python3 -m venv .venv && .venv/bin/pip install -r test/check-load/requirements.txt
    .venv/bin/python test/check-load/make_models.py
"""

from pathlib import Path

import lightgbm
import numpy
import pandas
import skops.io
import xgboost
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HERE = Path(__file__).parent
random = numpy.random.default_rng(7)
ROWS = 60

table = pandas.DataFrame(
    {
        "distance": random.uniform(100, 2500, ROWS),
        "plane.seats": random.integers(50, 300, ROWS),
        "carrier": pandas.Categorical(random.choice(["AA", "B6", "DL"], ROWS), categories=["AA", "B6", "DL"]),
    }
)
late = (table["distance"] + 400 * (table["carrier"] == "B6") > 1300).astype(int)
numbers = table[["distance", "plane.seats"]].astype("float64")

# LightGBM: names, and the categories of pandas' own type; then one that was trained on a bare array.
settings = {"objective": "binary", "num_leaves": 3, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1}
lightgbm.train(settings, lightgbm.Dataset(table, late), 2).save_model(HERE / "named.txt")
lightgbm.train(settings, lightgbm.Dataset(numbers.to_numpy(), late), 2).save_model(HERE / "unnamed.txt")

# XGBoost: names and types, in both of its formats.
trained = xgboost.DMatrix(table, late, enable_categorical=True)
trees = xgboost.train({"objective": "binary:logistic", "max_depth": 2, "nthread": 1}, trained, 2)
trees.save_model(HERE / "trees.ubj")
trees.save_model(HERE / "trees.json")

# scikit-learn: a pipeline, whose first step has the names; then a model that was trained on a bare array.
pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(numbers, late)
skops.io.dump(pipeline, HERE / "pipeline.skops")
skops.io.dump(LogisticRegression().fit(numbers.to_numpy(), late), HERE / "unnamed.skops")

# ONNX: one input [N, 2], and one input a feature, as skl2onnx makes them.
matrix = to_onnx(pipeline, initial_types=[("features", FloatTensorType([None, 2]))], options={"zipmap": False})
(HERE / "matrix.onnx").write_bytes(matrix.SerializeToString())

typed = table.assign(carrier=table["carrier"].astype(str))
mixed = make_pipeline(
    ColumnTransformer([("number", StandardScaler(), ["distance", "plane.seats"]), ("name", OneHotEncoder(), ["carrier"])]),
    LogisticRegression(),
).fit(typed, late)
inputs = [
    ("distance", FloatTensorType([None, 1])),
    ("plane.seats", Int64TensorType([None, 1])),
    ("carrier", StringTensorType([None, 1])),
]
columns = to_onnx(mixed, initial_types=inputs, options={"zipmap": False})
(HERE / "columns.onnx").write_bytes(columns.SerializeToString())
