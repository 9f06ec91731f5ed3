from pathlib import Path

import numpy as np
import onnxruntime


class DelayRisk:
    """The probability that each departure arrives 15 minutes late or more: predictor.ts in Python, the same numbers."""

    def load(self, model_dir: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(Path(model_dir) / "model.onnx", options)

    def predict(self, request):
        (probabilities,) = self.session.run(["probabilities"], {"features": request.matrix.astype(np.float32)})
        return probabilities[:, 1]
