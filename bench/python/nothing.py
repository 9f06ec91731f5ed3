"""Zeros."""

import numpy as np


class Nothing:
    def predict(self, request):
        return np.zeros(request.rows)
