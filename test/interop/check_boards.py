"""What `tandem batch` wrote, what the endpoint answered and what Python's onnxruntime makes of it must agree.

usage: check_boards.py FOLDER MODEL.onnx, where FOLDER has boards.jsonl's answers a line: features.jsonl (`:features`),
class.jsonl and builtin.jsonl (`:predict` of tandem.yaml and of onnx.yaml), class-python.jsonl and builtin-python.jsonl
(the same models in Python), and features.parquet (`tandem batch`).
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pyarrow.parquet as pq

from checks import check, finish

BOARDS = 200
TOLERANCE = 1e-5


def read_answers(path: Path) -> list[dict]:
    # parse_int=float: an integer has no -0, and a bit is a bit.
    return [json.loads(line, parse_int=float) for line in path.read_text().splitlines()]


def doubles(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def bits(values: np.ndarray) -> np.ndarray:
    return values.view(np.int64)


folder = Path(sys.argv[1])
table = pq.read_table(folder / "features.parquet")
features = read_answers(folder / "features.jsonl")
rows = sum(int(answer["rows"]) for answer in features)
check(f"{BOARDS} boards, a row a departure in the batch", len(features) == BOARDS and table.num_rows == rows, f"{rows} rows")

ids = [each for answer in features for each in answer["ids"]]
check("ids in the same order", table["id"].to_pylist() == ids)

names = [feature["name"] for feature in features[0]["features"]]
columns = [name for name in table.column_names if name in names]
check("a column a feature, by its name and in its place", columns == names, ", ".join(names))

matrix = np.empty((rows, len(names)), dtype=np.float64)
for at, name in enumerate(names):
    endpoint = [answer["features"][at] for answer in features]
    served = doubles([value for feature in endpoint for value in feature["values"]])
    column = table[name].combine_chunks()
    matrix[:, at] = batch = column.to_numpy(zero_copy_only=False)
    same = str(column.type) == "double" and np.array_equal(bits(served), bits(batch.astype(np.float64)))
    missing = int(np.isnan(batch).sum())
    check(f"{name}: the same bits", same and column.null_count == missing, f"{rows} values, {missing} null")
    statuses = [status for feature in endpoint for status in feature["statuses"]]
    check(f"{name}: the same statuses", table[f"{name}.status"].to_pylist() == statuses, ", ".join(sorted(set(statuses))))

session = ort.InferenceSession(sys.argv[2], providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
python = session.run(["probabilities"], {name: matrix.astype(np.float32)})[0][:, 1].astype(np.float64)


def predictions(path: Path) -> np.ndarray:
    answers = read_answers(path)
    check(f"{path.stem}: no fallback, no failed instance", not any("fallback" in a or "errors" in a for a in answers))
    return doubles([value for answer in answers for value in answer["predictions"]])


by_class, builtin = predictions(folder / "class.jsonl"), predictions(folder / "builtin.jsonl")
in_python, builtin_in_python = predictions(folder / "class-python.jsonl"), predictions(folder / "builtin-python.jsonl")
in_batch = table["prediction"].to_numpy()
for name, served in (
    ("predictor.ts", by_class),
    ("predictor: onnx", builtin),
    ("predictor.py", in_python),
    ("predictor: onnx in Python", builtin_in_python),
    ("tandem batch --predict", in_batch),
):
    largest = np.abs(served - python).max() if served.shape == python.shape else np.nan
    check(f"{name} equals Python's onnxruntime within {TOLERANCE}", bool(largest <= TOLERANCE), f"largest {largest:.1e}")
check("predictor.ts and predictor: onnx give the same numbers", np.array_equal(bits(by_class), bits(builtin)))
finish()
