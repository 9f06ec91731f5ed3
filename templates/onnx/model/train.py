"""Makes model.onnx: a logistic regression over the features of tandem.yaml, in their order.

    pip install scikit-learn skl2onnx
    python model/train.py

The rows are made up, with a fixed seed, so that there is something to run. Train on yours instead: `tandem batch` writes
the features of past requests as the model will be given them. A second run gives the same model.
"""

from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROWS = 5000

random = np.random.default_rng(2026)
features = np.column_stack(
    [
        random.beta(2, 8, ROWS),  # article.open_share
        random.integers(200, 2500, ROWS),  # article.words
        random.exponential(24, ROWS),  # hours_old
        random.random(ROWS) < 0.25,  # is_favourite
        random.exponential(6, ROWS),  # reader.minutes
    ]
).astype(np.float32)
chance = 1 / (1 + np.exp(2.6 - features @ [6.0, -0.0004, -0.02, 1.3, 0.04]))
opened = random.random(ROWS) < chance
features[random.random(features.shape) < 0.05] = np.nan  # null arrives as NaN: the model must know what to do with it

model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()).fit(features, opened)
# Without zipmap the probabilities are a tensor [N, 2], not a list of maps.
exported = to_onnx(model, features[:1], options={"zipmap": False}, target_opset=17)
Path(__file__).with_name("model.onnx").write_bytes(exported.SerializeToString())
