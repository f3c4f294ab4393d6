"""Places in the box of the data where a formula has no value: poles, roots and logarithms.

Whether there are any is decided by interval arithmetic with splitting (Moore 1966): a box in which
the condition cannot hold is left, every other one is halved, until a row of it is found at which it
does hold or the budget is spent. What the rows say about a place that is left: whether the answers
grow towards it, as those of 1/r^2 do, or whether the rows avoid what lies beyond it, as they do
where the law itself ends there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...ir.constants import free_constants
from ...ir.domain import gaps
from ...ir.expr import Call, Expr, Var, negated, walk
from ...ir.interval import Interval, Ranges, bounds
from .arrays import Columns, Floats, values

Backing: TypeAlias = Literal["grows", "avoided", "none"]

_BUDGET = 1500  # boxes looked at for one place
_SMALLEST = 1e-7  # of a column's range: such a box holds the place for all that matters
_SAMPLES = 2000
_CLEAR = 1e-3  # of its typical size, what a denominator may shrink to where nothing is decided
_NEAR = 10  # one row in so many, the nearest ones, must show that the answers grow
_FEWEST, _MOST = 5, 25
_STEEPER = 2.0  # how much further from their middle the answers near a pole are
_RANKED = 0.2  # correlation of ranks
_JUMP = 4.0  # between the answers of a few rows and all others: those few tell of no pole
_FEW = 0.08  # share of the rows
_OUTMOST = 0.9  # of the others lie less far out than the nearest of them
_CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class Singularity:
    """A condition that holds somewhere in the box; the part that is 0 or negative there.

    ``backing`` tells what the rows say for it.
    """

    condition: Expr
    part: Expr
    backing: Backing


def singularities(
    expr: Expr, ranges: Mapping[str, Interval], columns: Columns, y: Floats
) -> list[Singularity]:
    """Where the formula has no value within the ranges, with what the rows (rows,) say."""
    return [
        Singularity(gap, _part(gap), _backing(gap, ranges, columns, y))
        for gap in gaps(expr, ranges)
        if holds_somewhere(gap, ranges)
    ]


def is_supported(places: Sequence[Singularity]) -> bool:
    return all(one.backing != "none" for one in places)


def tells_more_than_it_has(expr: Expr, columns: Columns, y: Floats) -> bool:
    """Whether the answers are of more values than the formula has constants to fit them with."""
    return len(np.unique(y)) > 2 * len(free_constants(expr)) + 2


def _part(gap: Expr) -> Expr:
    match gap:
        case Call("and", (_, inner)):
            return _part(inner)
        case Call(_, (part, *_)):
            return part
        case _:
            raise ValueError(f"no gap: {gap}")


def _case(gap: Expr) -> list[Expr]:
    """The conditions of the branches that a gap lies in."""
    match gap:
        case Call("and", (case, inner)):
            return [case, *_case(inner)]
        case _:
            return []


def _comparison(gap: Expr) -> str:
    match gap:
        case Call("and", (_, inner)):
            return _comparison(inner)
        case Call(op):
            return op
        case _:
            raise ValueError(f"no gap: {gap}")


# ---- whether it can hold


def holds_somewhere(condition: Expr, ranges: Mapping[str, Interval]) -> bool:
    """Whether a condition holds somewhere in the box; where splitting leaves it open, samples say.

    A box that is left when the budget is spent counts only where a sample of the whole box comes
    near: ``x^2 + y^2 = 0`` at a corner does, a sum that intervals cannot follow does not.
    """
    names = sorted({node.name for node in walk(condition) if isinstance(node, Var)})
    start = {name: ranges[name] for name in names if name in ranges}
    widths = {name: span.high - span.low for name, span in start.items()}
    boxes: list[Ranges] = [start]
    for _ in range(_BUDGET):
        if not boxes:
            return False
        box = boxes.pop()
        match possible(condition, box):
            case False:
                continue
            case True:
                return True
        if _is_met(condition, box):
            return True
        wide = max(
            widths, default=None, key=lambda k: _width(box[k]) / widths[k] if widths[k] else 0.0
        )
        if wide is None or not _width(box[wide]) > _SMALLEST * widths[wide]:
            if _comparison(condition) == "lt":
                continue  # a root may touch 0, as that of (x - y)^2 does: it has a value there
            return True
        span = box[wide]
        middle = span.low / 2 + span.high / 2
        boxes += [
            {**box, wide: Interval(middle, span.high)},
            {**box, wide: Interval(span.low, middle)},
        ]
    return not boxes or _comes_near(condition, start)


def _width(span: Interval) -> float:
    return span.high - span.low


def possible(condition: Expr, ranges: Ranges) -> bool | None:
    """Whether a condition holds in all of a box (True), nowhere in it (False) or perhaps."""
    match condition:
        case Call("not", (inner,)):
            opposite = possible(inner, ranges)
            return None if opposite is None else not opposite
        case Call("and", args):
            each = [possible(arg, ranges) for arg in args]
            return False if False in each else None if None in each else True
        case Call("or", args):
            each = [possible(arg, ranges) for arg in args]
            return True if True in each else None if None in each else False
        case Call("eq" | "ne" as op, (a, b)):
            one, two = bounds(a, ranges), bounds(b, ranges)
            if one.high < two.low or one.low > two.high:
                return op == "ne"
            if one.low == one.high == two.low == two.high:
                return op == "eq"
            return None
        case Call("gt" | "ge"):
            opposite = possible(negated(condition), ranges)
            return None if opposite is None else not opposite
        case Call("lt" | "le" as op, (a, b)):
            one, two = bounds(a, ranges), bounds(b, ranges)
            if one.high < two.low or (op == "le" and one.high <= two.low):
                return True
            if one.low > two.high or (op == "lt" and one.low >= two.high):
                return False
            return None
        case _:
            return None


def met(condition: Expr, columns: Columns) -> NDArray[np.bool_]:
    """The rows (rows,) at which a condition of comparisons holds."""
    match condition:
        case Call("not", (inner,)):
            return ~met(inner, columns)
        case Call("and" | "or" as op, args):
            each = [met(arg, columns) for arg in args]
            return np.asarray((np.logical_and if op == "and" else np.logical_or).reduce(each))
        case _:
            return np.asarray(values(condition, columns) != 0)


def _is_met(gap: Expr, box: Ranges) -> bool:
    """Whether a row of the box meets the condition, or two rows with a zero between them."""
    names = list(box)
    ends = [[box[name].low, box[name].high] for name in names]
    middle = [low / 2 + high / 2 for low, high in ends]
    rows = [middle, [low for low, _ in ends], [high for _, high in ends]]
    rows += [[*middle[:k], end, *middle[k + 1 :]] for k, pair in enumerate(ends) for end in pair]
    columns = {name: np.array([row[k] for row in rows]) for k, name in enumerate(names)}
    inside = np.ones(len(rows), dtype=bool)
    with np.errstate(all="ignore"):
        for case in _case(gap):
            inside &= met(case, columns)
        part = values(_part(gap), columns)[inside]
    match _comparison(gap):
        case "eq":
            return bool((part == 0).any() or ((part < 0).any() and (part > 0).any()))
        case "lt":
            return bool((part < 0).any())
        case _:
            return bool((part <= 0).any())


def _sampled(gap: Expr, ranges: Mapping[str, Interval]) -> Floats:
    """The part's values at random rows of the box that lie in the gap's branch."""
    rng = np.random.default_rng(41)
    columns = {
        name: rng.uniform(span.low, span.high, _SAMPLES) for name, span in sorted(ranges.items())
    }
    inside = np.ones(_SAMPLES, dtype=bool)
    with np.errstate(all="ignore"):
        for case in _case(gap):
            inside &= met(case, columns)
        part = values(_part(gap), columns)[inside]
    return np.asarray(part[np.isfinite(part)])


def _comes_near(gap: Expr, ranges: Mapping[str, Interval]) -> bool:
    part = _sampled(gap, ranges)
    if not len(part):
        return False
    if _comparison(gap) == "lt":
        return bool((part < 0).any())
    if _comparison(gap) == "eq" and (part > 0).all() != (part < 0).all():
        return bool(np.abs(part).min() < _CLEAR * np.median(np.abs(part)))
    return not bool((part > _CLEAR * np.median(np.abs(part))).all())


# ---- what the rows say


def _backing(gap: Expr, ranges: Mapping[str, Interval], columns: Columns, y: Floats) -> Backing:
    inside = np.ones(len(y), dtype=bool)
    with np.errstate(all="ignore"):
        for case in _case(gap):
            inside &= met(case, columns)
        part = values(_part(gap), columns)
    inside &= np.isfinite(part)
    part, answers = part[inside], y[inside]
    if len(part) < _FEWEST:
        return "none"
    if _comparison(gap) != "lt" and grows(part, answers):  # a root has an end, not a pole
        return "grows"
    names = {node.name for node in walk(gap) if isinstance(node, Var)}
    samples = _sampled(gap, {name: ranges[name] for name in names if name in ranges})
    if not len(samples) or not ((part > 0).all() or (part < 0).all()):
        return "none"
    beyond = float(np.mean(samples * part[0] <= 0))
    return "avoided" if (1 - beyond) ** len(part) < _CHANCE else "none"


def grows(part: Floats, answers: Floats) -> bool:
    """Whether the answers are the further from their middle the nearer ``part`` is to 0.

    The nearest tenth of the rows must lie at least twice as far out as the rest, no two of them
    alike, and further out the nearer they are; without a few that are far beyond all others, too,
    since gross errors are as far out wherever a formula has put a pole for them.
    """
    order = np.argsort(np.abs(part), kind="stable")
    far = np.abs(answers - np.median(answers))[order]
    if not _lead_there(far):
        return False
    count = int(np.clip(len(far) // _NEAR, min(_FEWEST, len(far) // 2), _MOST))
    near, rest = far[:count], far[count:]
    if count < 2 or len(np.unique(near)) < count:
        return False
    if not float(np.median(near)) > _STEEPER * float(np.median(rest)):
        return False
    half = far[: max(2 * count, len(far) // 2)]
    return _rank_correlation(np.abs(part)[order][: len(half)], half) < -_RANKED


def _lead_there(far: Floats) -> bool:
    """Whether the rows that are nearest are the outmost, too, below a jump in ``far`` (rows,)."""
    top = np.sort(far)[-int(_FEW * len(far)) - 1 :]
    with np.errstate(all="ignore"):
        jumps = np.nan_to_num(top[1:] / top[:-1], posinf=0.0)
    below = int(np.argmax(jumps)) if len(jumps) else 0
    if len(jumps) < below + 2 or not jumps[below] > _JUMP:  # one row alone is no group
        return True
    others = far[far <= top[below]]
    return float(np.mean(others < np.median(others[:3]))) >= _OUTMOST


def _rank_correlation(a: Floats, b: Floats) -> float:
    first, second = (np.argsort(np.argsort(one, kind="stable"), kind="stable") for one in (a, b))
    if len(first) < 2:
        return 0.0
    return round(float(np.corrcoef(first, second)[0, 1]), 9)
