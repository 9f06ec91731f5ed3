"""Makes model.txt, which the docs' `features: from-model` is read from: a small LightGBM on four columns of the example.

    python3 -m venv .venv && .venv/bin/pip install -r test/check-load/requirements.txt
    .venv/bin/python test/from-model/make_model.py
"""

from pathlib import Path

import lightgbm
import numpy
import pandas

HERE = Path(__file__).parent
CARRIERS = (HERE / "carriers.txt").read_text().splitlines()
random = numpy.random.default_rng(7)
ROWS = 400

table = pandas.DataFrame(
    {
        "distance": random.uniform(100, 2500, ROWS),
        "plane.seats": random.integers(50, 300, ROWS),
        "late share": random.uniform(0, 1, ROWS),
        "carrier": pandas.Categorical(random.choice(CARRIERS, ROWS), categories=CARRIERS),
    }
)
late = (table["distance"] + 2000 * table["late share"] + 400 * (table["carrier"] == "B6") > 2300).astype(int)
settings = {"objective": "binary", "num_leaves": 3, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1}
lightgbm.train(settings, lightgbm.Dataset(table, late), 2).save_model(HERE / "model.txt")
