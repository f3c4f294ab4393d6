"""What is not known of a teacher's error the front tells: the law is where the loss falls steeply.

Each further operation of a wrong formula saves a little; the one that completes a law saves all but
the error of the answers, and those after it hardly a thing. The knee of the front is the formula
with the largest drop of the logarithm of the loss per added node.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from .backend import Fit, pareto

_EXPLAINED = 1e-3  # of the variance is left at most
_TOLD = 1e-4  # and where it must be clear
_MOSTLY = 0.15  # is left at most where larger formulas save little of it
_HALF = 2.0
_NOTHING = 1e-20  # relative losses below it are roundings
_STEEP = 1.5  # nats a node: approximations of a smooth law gain less, step after step
_STEP = 5  # nodes, about one operation with what it works on
_HARDLY = 0.3  # nats
_STEEPER = 2.0  # than all that follows
_ALONE, _FLAT, _TAIL = 1.0, 20.0, 10  # less steep, but so many nodes after it save nothing


def knee(fits: Sequence[Fit], variance: float, clear: bool) -> Fit | None:
    """The formula at which the loss falls most steeply; None where nothing is explained there.

    A fall after which many nodes save nothing comes before a steeper one. ``clear`` asks for a fall
    so steep, and so little after it, that nothing better is to come.
    """
    front = pareto(fits)
    if not front:
        return None
    least = _NOTHING * variance
    heights = [log(max(fit.loss, least)) for fit in front]
    steps = [
        (_slope([fit.complexity for fit in front[: k + 1]], heights[: k + 1]), front[k])
        for k in range(1, len(front))
    ]
    most = (_TOLD if clear else _EXPLAINED) * variance
    good = [k for k, (_, fit) in enumerate(steps) if fit.loss <= most]
    if not clear and not good:  # what the largest formulas leave is the answers' error
        last = front[-1]
        good = [
            k
            for k, (_, fit) in enumerate(steps)
            if fit.loss <= min(_MOSTLY * variance, _HALF * last.loss)
            and last.complexity >= fit.complexity + _STEP
        ]
    if not good:
        return None
    after = [max((later for later, _ in steps[k + 1 :]), default=0.0) for k in range(len(steps))]
    alone = [
        k
        for k in good
        if steps[k][0] >= max(_ALONE, _FLAT * after[k])
        and front[-1].complexity >= steps[k][1].complexity + _TAIL
    ]
    place = max(alone or good, key=lambda k: steps[k][0])
    slope, steepest = steps[place]
    if clear and not alone and not slope >= max(_STEEP, _STEEPER * after[place]):
        return None
    return steepest


def _slope(sizes: Sequence[int], heights: Sequence[float]) -> float:
    """The fall to the last of these a node, by all that are up to one step smaller and one more.

    Of two that differ by a node alone, the first may only have been found badly; one that saves
    hardly anything is no step from which a fall begins.
    """
    size, height = sizes[-1], heights[-1]
    first = max((k for k, one in enumerate(sizes) if one <= size - _STEP), default=0)
    while first and heights[first - 1] - heights[first] < _HARDLY:
        first -= 1
    return min((heights[k] - height) / (size - sizes[k]) for k in range(first, len(sizes) - 1))
