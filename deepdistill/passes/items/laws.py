"""Laws about searches and counts in an array, one a line, in the notation of ``passes/law``.

An array has at least one place, and a place that a pattern does not bind lies inside. Where there
is none of the numbers that are looked for, ``first`` has no answer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from ...ir.expr import Call, Const, Expr, Read, Size, Total, Var, uses
from ...ir.interval import bounds
from ...ir.linear import expr_of, form_of
from ...ir.rewrite import replace, substitute
from ..law import ARRAYS, LENGTH, LINES, Match, RewriteLaw, always, filled, hole, read
from ..matching import matches, root
from .context import Context, mirrored
from .forms import pair_of
from .places import folded, is_place, reach, runs_inside

Laws: TypeAlias = Mapping[str, tuple[RewriteLaw, ...]]
"""Laws by what stands at the top of their patterns."""

_SIDES = ("range(i)", "range(i + 1, n)")  # before a place, behind it
_TURNED = {" < ": " > ", " > ": " < ", "max(": "min(", "min(": "max("}


def _both(text: str, where: Callable[[Match], bool] = always) -> tuple[RewriteLaw, RewriteLaw]:
    """A law, and the same one of the opposite order: ``min`` for ``max``, ``<`` for ``>``."""
    turned = re.sub(r" [<>] |max\(|min\(", lambda match: _TURNED[match[0]], text)
    return RewriteLaw(text, where), RewriteLaw(turned, where)


def _of(text: str, match: Match) -> Expr:
    return filled(read(text), match.parts)


def _counts(match: Match) -> bool:
    return all(pair_of(match[letter], match) is not None for letter in "xy")


def _natural(match: Match) -> bool:
    return bounds(match["v"], match.ranges).low >= 0


def _by_number_alone(match: Match) -> bool:
    """Whether p depends on the place through the number there alone."""
    here = Var(hole(0))
    return not uses(replace(match["p"], Read(match.name("A"), (here,)), Const(0)), here.name)


def _mirrored(match: Match) -> bool:
    """Whether f and g change places where the array is read from its end."""
    end = {hole(0): mirrored(hole(0), match["n"])}
    one, other = match["f"], match["g"]
    return folded(substitute(one, end)) == folded(other) and folded(substitute(other, end)) == one


def _lines_inside(match: Match) -> bool:
    rows = [line.args[1] for letter in "LM" if isinstance(line := match[letter], Call)]
    return all(map(runs_inside, rows))


def _place(index: str) -> Callable[[Match], bool]:
    return lambda match: is_place(_of(index, match), match["n"], match)


def _natural_only(index: str) -> Callable[[Match], bool]:
    return lambda match: is_place(match["t"], None, match) and not _place(index)(match)


def _neither(index: str) -> Callable[[Match], bool]:
    return lambda match: not (is_place(match["t"], None, match) or _place(index)(match))


def _added_up(match: Match) -> Expr:
    return expr_of(form_of(match["x"]))


def _reach(match: Match) -> tuple[int, int]:
    size = match["n"]
    return reach(match["v"], hole(0), size) if isinstance(size, Size) else (0, 0)


def _within_reach(match: Match) -> Expr:
    low, high = _reach(match)
    stop = Call("sub", (match["n"], Const(high))) if high else match["n"]
    return Total(match.name("i"), Const(low), stop, _of("v(i)", match))


def _at_an_end(match: Match) -> bool:
    """Whether x is the first place of a range of y, or its last one; y is not empty."""
    last = form_of(Call("sub", (match["y"], Const(1))))
    some = isinstance(match["y"], Size) or match.low("y") >= 1
    return some and form_of(match["x"]) in (form_of(Const(0)), last)


def _at_rank(op: str, index: str) -> Iterable[RewriteLaw]:
    """The number that so many are smaller (or larger) than, equal ones on one side counted."""
    for side in _SIDES:
        rank = f"sum(A[j] {op} A[i] for j in range(n)) + sum(A[j] == A[i] for j in {side})"
        search, number = f"first(A[i] for i in range(n) if {rank} == t)", f"sorted(A)[{index}]"
        once = f"first({number} for i in range(1) if "
        yield RewriteLaw(f"{search} -> {number}", _place(index))
        # outside the array nothing is found: one step of a search that may find nothing
        yield RewriteLaw(f"{search} -> {once}t < n)", _natural_only(index))
        yield RewriteLaw(f"{search} -> {once}t >= 0 and t < n)", _neither(index))


# fmt: off
LOGIC: tuple[RewriteLaw, ...] = (
    RewriteLaw("int(c) -> c"),
    RewriteLaw("int(int(x)) -> int(x)"),
    RewriteLaw("not 0 -> 1"),
    RewriteLaw("not c -> 0", lambda m: m.value("c") != 0),
    RewriteLaw("sum(0 for i in range(x)) -> 0"),
    RewriteLaw("sum(x for i in range(y)) -> x * y", lambda m: m.low("y") >= 0),
    RewriteLaw("not sum(v(i) for i in range(x, y)) == 0 -> sum(v(i) for i in range(x, y)) >= 1",
               _natural),
    RewriteLaw("not sum(v(i) for i in range(x, y)) >= 1 -> sum(v(i) for i in range(x, y)) == 0",
               _natural),
)
RANKS: tuple[RewriteLaw, ...] = (*_at_rank("<", "t"), *_at_rank(">", "n - (t + 1)"))
LAWS: tuple[RewriteLaw, ...] = (
    # loops in loops, loops that end where the array does
    RewriteLaw("sum(sum(v(i, j) for j in range(f(i), g(i))) for i in range(x, y)) >= 1 -> "
               "any(sum(v(i, j) for j in range(f(i), g(i))) >= 1 for i in range(x, y))", _natural),
    RewriteLaw("sum(sum(v(i, j) for j in range(f(i), g(i))) for i in range(x, y)) == 0 -> "
               "none(sum(v(i, j) for j in range(f(i), g(i))) >= 1 for i in range(x, y))", _natural),
    RewriteLaw("sum(v(i) for i in range(n)) -> the same where v does not look beyond the border",
               lambda m: _reach(m) != (0, 0), _within_reach),
    # extremes
    *_both("none(A[j] > A[i] for j in range(n)) -> A[i] == max(A)"),
    *_both("any(A[j] > A[i] for j in range(n)) -> A[i] != max(A)"),
    RewriteLaw("x + y == 0 -> x == 0 and y == 0", _counts),
    RewriteLaw("first(v(i) for i in range(x) if p(i) and none(A[j] == A[i] for j in range(i))) -> "
               "first(v(i) for i in range(x) if p(i))", _by_number_alone),
    RewriteLaw("first(v(i) for i in range(n) if A[i] == x and "
               "none(A[j] == A[i] for j in range(i + 1, n))) -> "
               "first(v(n - (i + 1)) for i in range(n) if A[n - (i + 1)] == x)"),
    *_both("first(i for i in range(n) if A[i] == max(A)) -> position(A, max(A))"),
    *_both("first(A[i] for i in range(n) if A[i] == max(A)) -> max(A)"),
    *_both("first(A[n - (i + 1)] for i in range(n) if A[n - (i + 1)] == max(A)) -> max(A)"),
    *_both("first(n - (i + 1) for i in range(n) if A[n - (i + 1)] == max(A)) -> "
           "n - (position(reversed(A), max(A)) + 1)"),
    # places in order
    *RANKS,
    RewriteLaw("sorted(A)[x] -> sorted(A)[x with its terms added up]",
               lambda m: _added_up(m) != m["x"],
               lambda m: Call("item", (Call("sorted", (m["A"],)), _added_up(m)))),
    RewriteLaw("sorted(A)[0] -> min(A)"),
    RewriteLaw("sorted(A)[n + -1] -> max(A)"),
    # numbers that occur again
    RewriteLaw("any(sum(A[j] == A[i] for j in range(n)) >= 2 for i in range(n)) -> "
               "distinct(A) < n"),
    RewriteLaw("none(sum(A[j] == A[i] for j in range(n)) >= 2 for i in range(n)) -> "
               "distinct(A) == n"),
    *(RewriteLaw(f"any(any(A[j] == A[i] for j in {side}) for i in range(n)) -> distinct(A) < n")
      for side in _SIDES),
    *(RewriteLaw(f"none(any(A[j] == A[i] for j in {side}) for i in range(n)) -> distinct(A) == n")
      for side in _SIDES),
    *(RewriteLaw(f"sum(none(A[j] == A[i] for j in {side}) for i in range(n)) -> distinct(A)")
      for side in _SIDES),
    # lines of bits, mirror images
    RewriteLaw("sum(b(i) for i in range(n)) == n -> none(not b(i) for i in range(n))"),
    RewriteLaw("sum(b(i) for i in range(n)) >= n -> none(not b(i) for i in range(n))"),
    RewriteLaw("sum(b(i) for i in range(n)) < n -> any(not b(i) for i in range(n))"),
    RewriteLaw("sum(b(i) for i in range(n)) != n -> any(not b(i) for i in range(n))"),
    *(law for some in ("any", "none") for law in (
        *_both(f"{some}(f(i) > g(i) for i in range(n)) -> {some}(f(i) != g(i) for i in range(n))",
               _mirrored),
        *_both(f"{some}(any(f(i, j) > g(i, j) for j in range(x, y)) for i in range(n)) -> "
               f"{some}(any(f(i, j) != g(i, j) for j in range(x, y)) for i in range(n))",
               _mirrored),
    )),
    *(law for some, whole in (("any", "differ"), ("none", "same")) for law in (
        RewriteLaw(f"{some}(L[i] != M[i] for i in range(n)) -> {whole}(L, M)", _lines_inside),
        RewriteLaw(f"{some}(L[n - (i + 1)] != M[n - (i + 1)] for i in range(n)) -> {whole}(L, M)",
                   _lines_inside),
        RewriteLaw(f"{some}(L[i] != M[n - (i + 1)] for i in range(n)) -> {whole}(L, reversed(M))",
                   _lines_inside),
    )),
)
ENDS: tuple[RewriteLaw, ...] = (
    RewriteLaw("any(p(i) and i == x for i in range(y)) -> p(x)", _at_an_end),
    RewriteLaw("any(any(p(i, j) and i == x for j in range(z)) for i in range(y)) -> "
               "any(p(x, j) for j in range(z))", _at_an_end),
)
LISTS: tuple[RewriteLaw, ...] = (
    RewriteLaw("[sorted(A)[i] for i in range(n)] -> sorted(A)"),
    RewriteLaw("[sorted(A)[f(i)] for i in range(n)] -> reversed(sorted(A))",
               lambda m: form_of(m["f"]) == form_of(mirrored(hole(0), m["n"]))),
)
# fmt: on


def by_root(laws: Iterable[RewriteLaw]) -> Laws:
    groups: dict[str, list[RewriteLaw]] = defaultdict(list)
    for law in laws:
        groups[root(law.pattern)].append(law)
    return {top: tuple(own) for top, own in groups.items()}


def rewritten(expr: Expr, context: Context, laws: Laws) -> Expr | None:
    """The expression after the first law that changes it; None where there is none."""
    for law in laws.get(root(expr), ()):
        for match in matched(law, expr, context):
            replacement = law.replacement(match)
            if replacement != expr:
                return replacement
    return None


def matched(law: RewriteLaw, expr: Expr, context: Context) -> Iterable[Match]:
    """The ways in which a law may be applied to an expression."""
    for parts in matches(law.pattern, expr, context.ranges):
        match = Match(parts, context.ranges, context.lengths)
        if _as_long(match) and law.where(match):
            yield match


def _as_long(match: Match) -> bool:
    """Whether all arrays and lines are as long as ``n`` says."""
    lines = [part for letter, part in match.parts.items() if letter in ARRAYS | LINES]
    return LENGTH not in match.parts or all(_length(line, match) == match[LENGTH] for line in lines)


def _length(line: Expr, match: Match) -> Expr | None:
    match line:
        case Var(array):
            return match.length(array)
        case Call("item", (Var(array), _)):
            return match.length(array, 1)
        case _:
            return None
