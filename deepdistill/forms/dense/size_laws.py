"""Laws of the size: numbers of two programs, for inputs of two shapes, as one expression.

27 where there are 28 rows and 13 where there are 14 is ``rows - 1``. The family is small, and a law
counts only where it is shorter than the two numbers that it stands for: any two numbers lie on
some line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import isclose, log2

from ...ir.expr import Call, Const, Expr, Size, call
from ...ir.ops import OPERATIONS
from .terms import plain, plus, times

Shape = tuple[int, ...]

_LARGEST_FACTOR = 24
_LARGEST_STEP = 9
_STEPS = (0, -1, 1)
_SLACK = 3.0  # bits that a law may be longer than the numbers
_MARGIN = 1.5  # bits by which it must be shorter than every other law
_EXACT = 1e-12


@dataclass(frozen=True, slots=True)
class SizeLaw:
    """An expression of the sizes and how long it is, in bits."""

    value: Expr
    cost: float


@dataclass(frozen=True, slots=True)
class Shapes:
    """The shapes of an input at which two programs are known."""

    port: str
    first: Shape
    second: Shape

    @property
    def free(self) -> tuple[int, ...]:
        """The axes whose size differs."""
        pairs = enumerate(zip(self.first, self.second, strict=True))
        return tuple(axis for axis, (a, b) in pairs if a != b)

    @property
    def leaders(self) -> tuple[int, ...]:
        """Free axes, without those that have the sizes of an earlier one."""
        sizes = list(zip(self.first, self.second, strict=True))
        return tuple(axis for axis in self.free if sizes.index(sizes[axis]) == axis)

    @property
    def alike(self) -> tuple[tuple[int, int], ...]:
        """Pairs of free axes with the same size in both shapes: laws cannot tell them apart."""
        sizes = list(zip(self.first, self.second, strict=True))
        pairs = ((sizes.index(sizes[axis]), axis) for axis in self.free)
        return tuple((a, b) for a, b in pairs if a != b)

    def size(self, axis: int) -> Expr:
        """How long an axis is: a number where both shapes agree."""
        return Size(self.port, axis) if axis in self.free else Const(self.first[axis])

    def fits(self, law: Expr, first: float, second: float) -> bool:
        """Whether a law gives both numbers."""
        return _same(at(law, self.first), first) and _same(at(law, self.second), second)

    def same(self, law: Expr, other: Expr) -> bool:
        """Whether two laws agree at shapes that neither was made for."""
        leader = {axis: axis for axis in self.free} | {b: a for a, b in self.alike}
        for steps in ((3, 8, 15, 22), (14, 5, 1, 9)):
            shape = tuple(
                n + steps[leader[axis] % 4] if axis in leader else n
                for axis, n in enumerate(self.first)
            )
            if not _same(at(law, shape), at(other, shape)):
                return False
        return True


def at(law: Expr, shape: Shape) -> float:
    """The value of a law for an input of some shape."""
    match law:
        case Const(int() | float() as value):
            return value
        case Size(_, axis):
            return shape[axis]
        case Call(op, args):
            value = OPERATIONS[op].function(*(at(arg, shape) for arg in args))
            assert isinstance(value, int | float)
            return value
        case _:
            raise ValueError("not an expression of sizes")


def place_law(first: int, second: int, lengths: Sequence[Expr], shapes: Shapes) -> SizeLaw | None:
    """A place that is counted from the end of an array, one of ``lengths``; the nearest end."""
    laws: list[SizeLaw] = []
    for length in lengths:
        step = first - at(length, shapes.first)
        if step == second - at(length, shapes.second):
            laws.append(SizeLaw(plus(length, int(step)), log2(abs(step) + 1)))
    return min(laws, key=lambda law: law.cost, default=None)


def number_law(first: float, second: float, shapes: Shapes) -> SizeLaw | None:
    """The law that gives both numbers, if it is shorter than they are and than all others."""
    if first < 0:
        law = number_law(-first, -second, shapes)
        return None if law is None else SizeLaw(_negative(law.value), law.cost)
    if isinstance(first, int) and isinstance(second, int):
        laws = _whole(first, second, shapes)
        most = log2(abs(first) + 1) + log2(abs(second) + 1) + _SLACK
    else:
        laws, most = _fractions(first, second, shapes), 24.0
    ranked = sorted((law for law in laws if law.cost <= most), key=lambda law: law.cost)
    for other in ranked[1:]:
        if other.cost < ranked[0].cost + _MARGIN and not shapes.same(other.value, ranked[0].value):
            return None  # either might be meant
    return ranked[0] if ranked else None


def _whole(first: int, second: int, shapes: Shapes) -> Iterator[SizeLaw]:
    for product, cost in _products(shapes):
        a, b = int(at(product, shapes.first)), int(at(product, shapes.second))
        if a == b:
            continue
        factor, rest = divmod(first - second, a - b)
        step = first - factor * a
        if rest == 0 and 0 < abs(factor) <= _LARGEST_FACTOR and abs(step) <= _LARGEST_STEP:
            length = cost + _bits(factor) + _offset(step) + (2 if factor < 0 else 0)
            yield SizeLaw(plus(times(factor, product), step), length)
        if (first, second) == (a // 2, b // 2):
            yield SizeLaw(call("floordiv", product, Const(2)), cost + 2)


def _fractions(first: float, second: float, shapes: Shapes) -> Iterator[SizeLaw]:
    """A number times or by a product of sizes."""
    for product, cost in _products(shapes):
        a, b = at(product, shapes.first), at(product, shapes.second)
        if a == b:
            continue
        if b and _same(first * a, second * b):
            share = _short(first * a)
            yield SizeLaw(call("div", Const(share), product), cost + _bits(share) + 1)
        if b and a and _same(first / a, second / b):
            factor = _short(first / a)
            yield SizeLaw(times(factor, product), cost + _bits(factor))


def _products(shapes: Shapes) -> Iterator[tuple[Expr, float]]:
    """A size, one more or less than it, and products of two of these, with what they cost."""
    atoms = [
        (plus(Size(shapes.port, axis), step), 2.0 + abs(step))
        for axis in shapes.leaders
        for step in _STEPS
    ]
    yield from atoms
    for (a, cost), (b, more) in combinations_with_replacement(atoms, 2):
        yield call("mul", a, b), cost + more


def _negative(law: Expr) -> Expr:
    match law:
        case Call("mul", (Const(-1), other)):
            return other
        case Call("mul", (Const(int() | float() as factor), *rest)):
            return Call("mul", (Const(-factor), *rest))
        case _:
            return times(-1, law)


def _bits(factor: float) -> float:
    if factor == 1:
        return 0.0
    if isinstance(factor, int):
        return 1 + 2 * log2(abs(factor))
    return 2.0 * len(repr(factor))


def _offset(step: int) -> float:
    return 0.0 if step == 0 else 1 + 2 * log2(abs(step) + 1)


def _short(value: float) -> float:
    """The shortest decimal number that is the same."""
    for digits in range(1, 17):
        short = float(f"{value:.{digits}g}")
        if _same(short, value):
            return plain(short)
    return value


def _same(a: float, b: float) -> bool:
    return a == b or isclose(a, b, rel_tol=_EXACT)
