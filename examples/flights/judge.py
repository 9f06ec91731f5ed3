"""What a score is worth: the AUC over flights, NDCG@20 over boards, and how sure one can be of either.

Whole days are drawn, the same for all scores: a day's flights share its weather, and are not so many witnesses. So a
statistic is a function of how often each day was drawn, and what it needs of a day is counted once, before the drawing.
"""

from collections.abc import Callable

import numpy as np

SEED = 2013
RESAMPLES = 500
TOP = 20
DISCOUNTS = 1 / np.log2(np.arange(TOP) + 2)

Statistic = Callable[[np.ndarray], float]
Figure = dict[str, float]


def auc(late: np.ndarray, score: np.ndarray, day: np.ndarray) -> Statistic:
    """How often a late flight stands above a punctual one, a tie being half. `day` counts the days from 0."""
    is_late = late == 1
    days = int(day.max()) + 1
    high = score[is_late]
    pairs = np.empty((days, days))  # [day of the late one, day of the punctual one]
    for other in range(days):
        low = np.sort(score[~is_late & (day == other)])
        won = (np.searchsorted(low, high, "left") + np.searchsorted(low, high, "right")) / 2
        pairs[:, other] = np.bincount(day[is_late], weights=won, minlength=days)
    ones = np.bincount(day[is_late], minlength=days)
    zeros = np.bincount(day[~is_late], minlength=days)
    return lambda drawn: float(drawn @ pairs @ drawn / ((drawn @ ones) * (drawn @ zeros)))


def has_an_order(late: np.ndarray) -> bool:
    """Whether a board can be ranked well or badly: something on it was late, and it has more than one flight."""
    return len(late) > 1 and bool(late.any())


def ndcg(boards: list[np.ndarray], scores: list[np.ndarray], day: np.ndarray) -> Statistic:
    """The mean NDCG@20 of boards that have an order, a late flight's gain being 1; `boards` says which were late."""
    worth = [board_ndcg(late, score) for late, score in zip(boards, scores, strict=True)]
    sums, counts = np.bincount(day, weights=worth), np.bincount(day)
    return lambda drawn: float(drawn @ sums / (drawn @ counts))


def board_ndcg(late: np.ndarray, score: np.ndarray) -> float:
    """Equal scores count as all of their orders would on average (McSherry and Najork 2008), as scikit-learn has it."""
    _, places, counts = np.unique(-score, return_inverse=True, return_counts=True)
    gains = np.repeat(np.bincount(places, weights=late) / counts, counts)[:TOP]
    return float(gains @ DISCOUNTS[: len(gains)] / DISCOUNTS[: late.sum()].sum())


def judge(statistics: dict[str, Statistic], days: int) -> dict[str, Figure]:
    """Each statistic, and how far the first is ahead of each other, with bootstrap 95 % intervals."""
    random = np.random.default_rng(SEED)
    first, *others = statistics

    def values(drawn: np.ndarray) -> list[float]:
        ahead, *behind = (statistic(drawn) for statistic in statistics.values())
        return [ahead, *behind, *(ahead - value for value in behind)]

    whole = values(np.ones(days))
    draws = (random.integers(0, days, days) for _ in range(RESAMPLES))
    drawn = np.array([values(np.bincount(draw, minlength=days)) for draw in draws])
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    names = [first, *others, *(f"{first} ahead of {other}" for other in others)]
    return {
        name: {"value": round(value, 4), "low": round(float(least), 4), "high": round(float(most), 4)}
        for name, value, least, most in zip(names, whole, low, high, strict=True)
    }
