"""
Trains small models on two columns, `a` and `b`, and writes each in its library's own format, below the folder that is
given. Prints some rows, NaN among them as null, the same with a text in `b`, and what the libraries themselves predict.
"""

import json
import sys
from pathlib import Path

import joblib
import lightgbm
import numpy as np
import pandas as pd
import skops.io
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

FOLDER = Path(sys.argv[1])
NAMES = ["a", "b"]
random = np.random.default_rng(7)
table = random.normal(size=(120, 2))
late = (table[:, 0] - table[:, 1] > 0).astype(int)
kind = random.integers(0, 3, len(table))
table[::5, 0] = np.nan
table[::7, 1] = np.nan
rows = table[:8]
answers = {}


def folder_of(name):
    folder = FOLDER / name
    folder.mkdir()
    return folder


def train_lightgbm(name, objective, target, columns):
    settings = {"num_leaves": 4, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1, **objective}
    booster = lightgbm.train(settings, lightgbm.Dataset(table, target, feature_name=columns), 4)
    booster.save_model(folder_of(name) / "model.txt")
    answers[name] = {"predictions": booster.predict(rows)}


train_lightgbm("lightgbm", {"objective": "binary"}, late, NAMES)
train_lightgbm("lightgbm-classes", {"objective": "multiclass", "num_class": 3}, kind, "auto")
(FOLDER / "lightgbm" / "labels.txt").write_text("tree of labels\n")

matrix = xgboost.DMatrix(table, late, feature_names=NAMES, nthread=1)
booster = xgboost.train({"objective": "binary:logistic", "max_depth": 2, "nthread": 1}, matrix, 4)
booster.save_model(folder_of("xgboost") / "model.ubj")
(FOLDER / "xgboost" / "card.json").write_text('{"owner": "somebody"}')
answers["xgboost"] = {"predictions": booster.predict(xgboost.DMatrix(rows, feature_names=NAMES, nthread=1))}
stopped = xgboost.XGBClassifier(n_estimators=20, early_stopping_rounds=2, n_jobs=1)
stopped.fit(table[:60], kind[:60], eval_set=[(table[60:], kind[60:])], verbose=False)
stopped.save_model(folder_of("xgboost-stopped") / "model.json")
answers["xgboost-stopped"] = {"predictions": stopped.predict_proba(rows)}

frame = pd.DataFrame(table, columns=NAMES)
classifier = make_pipeline(SimpleImputer(), LogisticRegression()).fit(frame, late)
skops.io.dump(classifier, folder_of("sklearn") / "model.skops")
answers["sklearn"] = {"label": classifier.predict(frame[:8]), "probabilities": classifier.predict_proba(frame[:8])}
forest = RandomForestClassifier(5, max_depth=2, n_jobs=-1, random_state=0)
forest.fit(np.nan_to_num(table), np.where(late, "late", "on time"))
skops.io.dump(forest, folder_of("forest") / "model.skops")
answers["forest"] = {"label": forest.predict(rows), "probabilities": forest.predict_proba(rows)}
regression = make_pipeline(SimpleImputer(), LinearRegression()).fit(table, np.column_stack([late, kind]))
skops.io.dump(regression, folder_of("regression") / "model.skops")
answers["regression"] = {"predictions": regression.predict(rows)}
texts = np.column_stack([table[:, 0].astype(object), np.array(["car", "train", "boat"], object)[kind]])
encoder = ColumnTransformer([("number", SimpleImputer(), [0]), ("text", OneHotEncoder(), [1])])
by_place = make_pipeline(encoder, LogisticRegression()).fit(texts, late)
skops.io.dump(by_place, folder_of("texts") / "model.skops")
answers["texts"] = {"label": by_place.predict(texts[:8]), "probabilities": by_place.predict_proba(texts[:8])}
named = pd.DataFrame({"a": table[:, 0], "b": texts[:, 1].astype(str)})
encoder = ColumnTransformer([("text", OneHotEncoder(), ["b"]), ("number", SimpleImputer(), ["a"])])
by_name = make_pipeline(encoder, LogisticRegression()).fit(named, late)
skops.io.dump(by_name, folder_of("texts-named") / "model.skops")
answers["texts-named"] = {"label": by_name.predict(named[:8]), "probabilities": by_name.predict_proba(named[:8])}
encoder = ColumnTransformer([("b", SimpleImputer(), ["b"]), ("a", SimpleImputer(), ["a"])])
by_name = make_pipeline(encoder, LinearRegression()).fit(frame, late)
skops.io.dump(by_name, folder_of("named") / "model.skops")
answers["named"] = {"predictions": by_name.predict(frame[:8]).reshape(8, 1)}
joblib.dump(classifier, folder_of("pickle") / "model.joblib")
answers["pickle"] = answers["sklearn"]
skops.io.dump(SimpleImputer().fit(table), folder_of("imputer") / "model.skops")

told = {name: {output: values.tolist() for output, values in outputs.items()} for name, outputs in answers.items()}
nulls = [[None if value != value else value for value in row] for row in rows.tolist()]
texts_of = [[null, text] for (null, _), (_, text) in zip(nulls, texts.tolist())]
print(json.dumps({"rows": nulls, "texts": texts_of, "answers": told}))
