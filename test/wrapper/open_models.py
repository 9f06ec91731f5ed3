"""
Opens the model that each line of JSON names, `{predictor, modelUri, features, …}`, and answers with a line: `{problem}`, or
the `outputs` that it tells, what was `logged`, and where there are `rows` its `answer`.
"""

import json
import logging
import sys
from pathlib import Path

import numpy as np

from tandem_wrapper.errors import WrapperError
from tandem_wrapper.host import Spec
from tandem_wrapper.layout import Feature, Layout
from tandem_wrapper.logs import log
from tandem_wrapper.open_hosted import open_hosted
from tandem_wrapper.request import PredictRequest


logged = []


class Kept(logging.Handler):
    def emit(self, record):
        logged.append(record.getMessage())


def opened(told):
    logged.clear()
    features = tuple(Feature(name, "double", "FP64") for name in told["features"])
    layout = Layout(features, told.get("tensors", "matrix"))
    uri = Path(told["modelUri"])
    spec = Spec("m", told["predictor"], uri, "unix:m.sock", layout, trust_pickle=told.get("trustPickle", False))
    try:
        model = open_hosted(spec, layout)
    except WrapperError as error:
        return {"problem": error.message}
    outputs = [output._asdict() for output in model.outputs]
    if "rows" not in told:
        return {"outputs": outputs, "logged": logged}
    rows, matrix, columns = told["rows"], None, None
    if layout.tensors == "columns":
        columns = [list(each) if isinstance(each[0], str) else np.array(each, float) for each in zip(*rows)]
    else:
        matrix = np.array(rows, float)
    request = PredictRequest(len(rows), layout.names, matrix, columns, None, None)
    answer = {name: np.asarray(values).tolist() for name, values in model.predict(request).items()}
    return {"outputs": outputs, "logged": logged, "answer": answer}


log.addHandler(Kept())
for line in sys.stdin:
    print(json.dumps(opened(json.loads(line))), flush=True)
