"""Pickles a model of scikit-learn, by joblib and by pickle itself, trained on a table that has names: FOLDER."""

import pickle
import sys
from pathlib import Path

import joblib
import pandas
from sklearn.linear_model import LogisticRegression

folder = Path(sys.argv[1])
table = pandas.DataFrame({"distance": [100.0, 900.0, 1500.0, 2400.0], "plane.seats": [50, 120, 180, 300]})
model = LogisticRegression().fit(table, [0, 0, 1, 1])
joblib.dump(model, folder / "model.joblib")
(folder / "model.pkl").write_bytes(pickle.dumps(model))
