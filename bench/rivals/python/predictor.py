"""The linear model as a researcher would hand it to Tandem."""

from linear import score_rows


class Linear:
    def predict(self, request):
        return score_rows(request.matrix)
