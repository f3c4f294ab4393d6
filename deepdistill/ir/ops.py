"""The operations, one row each: all that the rest of the package has to know of them.

A row is meaning and notation: what an operation gives for numbers, for whole columns and for
intervals, which term of a prover means the same, and how Python and a reader write it. What is
written for a library, NumPy or a prover, takes that library's names as an argument, so that this
file imports none. To add an operation is to add a row.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

from . import arithmetic, listwise
from .arithmetic import UNKNOWN, Interval
from .notation import Function, Infix, Notation, Pattern
from .operation import Logic, Operation, Term


def _folded(step: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda *args: reduce(step, args)


def _columns(name: str) -> Callable[..., Any]:
    """NumPy's function of that name, of more than two columns one after the other."""

    def meaning(np: Any, *args: Any) -> Any:
        function = getattr(np, name)
        return reduce(function, args) if len(args) > 1 else function(*args)

    return meaning


def _term(function: Callable[..., Term]) -> Callable[..., Term]:
    """A term that Python's operators make."""
    return lambda z, *args: function(*args)


def _quotient(z: Logic, a: Term, b: Term) -> Term:
    z.need(b > 0)  # a prover rounds as Python does for positive divisors only
    return a / b


def _remainder(z: Logic, a: Term, b: Term) -> Term:
    z.need(b > 0)
    return a % b


def _power(z: Logic, a: Term, b: Term) -> Term:
    return reduce(lambda x, _: x * a, range(z.exponent(b)), z.product())


def _of_bits(combine: Callable[..., Term]) -> Callable[..., Term]:
    def meaning(z: Logic, *args: Term) -> Term:
        for arg in args:
            z.need(z.some(arg == 0, arg == 1))
        return z.choose(combine(z, *(arg == 1 for arg in args)), 1, 0)

    return meaning


def _extreme(larger: bool) -> Callable[..., Term]:
    def meaning(z: Logic, *args: Term) -> Term:
        return reduce(lambda a, b: z.choose(b > a if larger else b < a, b, a), args)

    return meaning


def _sign(z: Logic, a: Term) -> Term:
    return z.choose(a > 0, 1, z.choose(a < 0, -1, 0))


def _entry(z: Logic, table: tuple[int, ...], k: Term) -> Term:
    z.need(z.every(k >= 0, k < len(table)))
    return z.entry(table, k)


def _among(z: Logic, a: Term, values: tuple[int, ...]) -> Term:
    return z.some(*(a == value for value in values))


def _real(name: str, interval: Callable[..., Interval]) -> Operation:
    """A function of a real number; outside its domain it raises ValueError, as Python's math."""
    own = getattr(math, name)
    notation = Function(f"math.{name}")
    return Operation(own, 1, notation, columns=_columns(name), interval=interval,
                     words=Function(name))  # fmt: skip


def _compared(
    symbol: str, opposite: str, function: Callable[[Any, Any], Any], columns: str = ""
) -> Operation:
    """A comparison of two numbers, or of two arrays as wholes."""
    return Operation(
        lambda a, b: int(function(a, b)),
        2,
        Infix(symbol),
        truth=True,
        arrays=() if columns else (0, 1),
        columns=_columns(columns) if columns else None,
        term=_term(function) if columns else None,
        opposite=opposite,
    )


def _gone(python: str, words: str, opposite: str, test: Callable[[Any], Any]) -> Operation:
    """Whether a value is missing or not: by what it is for numbers, and for whole columns."""
    return Operation(lambda a: int(test(a)), 1, Pattern(f"{{}} is {python}"), truth=True,
                     columns=lambda np, a: test(a), words=Pattern(f"{{}} is {words}"),
                     opposite=opposite)  # fmt: skip


def _whole(
    function: Callable[..., Any],
    notation: Notation,
    interval: Callable[..., Interval],
    arity: int = 1,
) -> Operation:
    """An operation of a whole array, named by a variable or made by another such operation."""
    return Operation(function, arity, notation, arrays=(0,), interval=interval)


def _any(*args: Interval) -> Interval:
    """The interval of what may be anything."""
    return UNKNOWN


OPERATIONS: dict[str, Operation] = {
    "add": Operation(
        lambda *args: sum(args), None, Infix("+"),
        columns=_columns("add"), term=lambda z, *args: z.total(*args), interval=arithmetic.total,
        neutral=0,
    ),
    "sub": Operation(
        lambda a, b: a - b, 2, Infix("-"),
        columns=_columns("subtract"), term=_term(lambda a, b: a - b),
        interval=arithmetic.difference,
    ),
    "mul": Operation(
        lambda *args: reduce(lambda a, b: a * b, args, 1), None, Infix("*"),
        columns=_columns("multiply"), term=lambda z, *args: z.product(*args),
        interval=arithmetic.multiplied, neutral=1, zero=0,
    ),
    "floordiv": Operation(
        lambda a, b: a // b, 2, Infix("//"),
        columns=_columns("floor_divide"), term=_quotient, interval=arithmetic.quotient,
    ),
    "div": Operation(
        lambda a, b: a / b, 2, Infix("/"),
        columns=_columns("divide"), interval=arithmetic.ratio,
    ),
    "mod": Operation(
        lambda a, b: a % b, 2, Infix("%"),
        columns=_columns("mod"), term=_remainder, interval=arithmetic.remainder,
    ),
    "bitand": Operation(
        _folded(lambda a, b: a & b), None, Infix("&"),
        columns=_columns("bitwise_and"), term=_of_bits(lambda z, *bits: z.every(*bits)),
        interval=arithmetic.bits_in_all, zero=0,
    ),
    "bitor": Operation(
        _folded(lambda a, b: a | b), None, Infix("|"),
        columns=_columns("bitwise_or"), term=_of_bits(lambda z, *bits: z.some(*bits)),
        interval=arithmetic.bits_in_some, neutral=0,
    ),
    "bitxor": Operation(
        _folded(lambda a, b: a ^ b), None, Infix("^"),
        columns=_columns("bitwise_xor"),
        term=_of_bits(lambda z, *bits: z.odd(*bits)),
        interval=arithmetic.bits_in_some, neutral=0,
    ),
    "max": Operation(
        max, None, Function("max"),
        columns=_columns("maximum"), term=_extreme(larger=True), interval=arithmetic.largest,
    ),
    "min": Operation(
        min, None, Function("min"),
        columns=_columns("minimum"), term=_extreme(larger=False), interval=arithmetic.smallest,
    ),
    "abs": Operation(
        abs, 1, Function("abs"),
        columns=_columns("abs"), term=lambda z, a: z.choose(a < 0, -a, a),
        interval=arithmetic.magnitude,
    ),
    "int": Operation(  # of a truth, which is a number here; a float is rounded towards 0
        int, 1, Function("int"),
        columns=lambda np, a: a.astype("int64"), term=_term(lambda a: a), interval=arithmetic.whole,
        words=Pattern("{}"),
    ),
    "sign": Operation(
        lambda a: (a > 0) - (a < 0), 1, Function("_sign"),
        columns=_columns("sign"), term=_sign, interval=lambda a: Interval(-1, 1),
        words=Function("sign"),
    ),
    # of real numbers
    "power": Operation(
        lambda a, b: a**b, 2, Infix("**"),
        columns=_columns("power"), term=_power, interval=arithmetic.power,
    ),
    "pow": Operation(
        math.pow, 2, Function("math.pow"),
        columns=_columns("power"), interval=arithmetic.real_power, words=Function("pow"),
    ),
    "exp": _real("exp", arithmetic.exponential),
    "log": _real("log", arithmetic.logarithm),
    "sqrt": _real("sqrt", arithmetic.root),
    "sin": _real("sin", arithmetic.sine),
    "cos": _real("cos", arithmetic.cosine),
    "tan": _real("tan", arithmetic.tangent),
    "tanh": _real("tanh", arithmetic.hyperbolic_tangent),
    "pi": Operation(
        lambda: math.pi, 0, Pattern("math.pi"),
        columns=lambda np: np.pi, interval=lambda: Interval(math.pi, math.pi),
        words=Pattern("pi"),
    ),
    "e": Operation(
        lambda: math.e, 0, Pattern("math.e"),
        columns=lambda np: np.e, interval=lambda: Interval(math.e, math.e),
        words=Pattern("e"),
    ),
    # a list of its arguments, and what is made of such a list or of an array
    "list": Operation(lambda *args: list(args), None, Function("", "[]")),
    "argmax": Operation(
        lambda scores: scores.index(max(scores)), 1, Function("_largest"),
        arrays=(0,), interval=arithmetic.natural, words=Function("argmax"),
    ),
    "softmax": Operation(
        listwise.softmax, 1, Function("_softmax"), arrays=(0,), words=Function("softmax"),
    ),
    "item": Operation(
        lambda table, k: table[k], 2, Pattern("{}[{}]"), arrays=(0,),
        columns=lambda np, table, k: table[k], term=_entry, interval=arithmetic.first_of,
    ),
    # of a whole array, named by a variable: in order, its extremes, how often a value occurs, the
    # place of its first occurrence, how many different values, from the end, the first n elements
    "sorted": _whole(sorted, Function("sorted"), arithmetic.first_of),
    "maximum": _whole(max, Function("max"), arithmetic.first_of),
    "minimum": _whole(min, Function("min"), arithmetic.first_of),
    "count": _whole(
        lambda array, value: array.count(value), Pattern("{}.count({})"),
        arithmetic.natural, 2,
    ),
    "position": _whole(
        lambda array, value: array.index(value), Pattern("{}.index({})"),
        arithmetic.natural, 2,
    ),
    "distinct": _whole(
        lambda array: len(set(array)), Pattern("len(set({}))"), arithmetic.natural
    ),
    "reversed": _whole(
        lambda array: array[::-1], Pattern("{}[::-1]"), arithmetic.first_of
    ),
    "prefix": _whole(
        lambda array, n: array[:n], Pattern("{}[: {}]"), arithmetic.first_of, 2
    ),
    # the lists and numbers that programs made of whole lists have besides. Pairs, places with their
    # elements and ranges are gone through at once, and stand nowhere else
    "length": _whole(len, Function("len"), arithmetic.natural),
    "total": _whole(sum, Function("sum"), _any),
    "suffix": _whole(
        lambda array, n: array[n:], Pattern("{}[{} :]"), arithmetic.first_of, 2
    ),
    "stride": _whole(lambda array, n: array[::n], Pattern("{}[::{}]"), arithmetic.first_of, 2),
    "unique": _whole(
        lambda array: list(dict.fromkeys(array)), Pattern("list(dict.fromkeys({}))"),
        arithmetic.first_of,
    ),
    "joined": Operation(
        lambda a, b: a + b, 2, Infix("+"), arrays=(0, 1), interval=arithmetic.either_of,
    ),
    "zip": Operation(
        lambda *args: list(zip(*args, strict=False)), None, Function("zip"), arrays=(0, 1, 2),
    ),
    "enumerate": _whole(
        lambda array: list(enumerate(array)), Function("enumerate"), _any
    ),
    "single": Operation(lambda a: [a], 1, Function("", "[]")),
    "contains": Operation(
        listwise.contains, 2, Function("_contains"), truth=True, arrays=(0, 1),
    ),
    "range": Operation(lambda n: list(range(n)), 1, Function("range"), interval=arithmetic.places),
    # each element n times; without zeros at both ends, of rows those of zeros alone; and the places
    # of rows, counted row after row, that hold a number, those that hang together in one list
    "repeated": _whole(
        lambda array, n: [one for one in array for _ in range(n)],
        Pattern("[one for one in {} for _ in range({})]"), arithmetic.first_of, 2,
    ),
    "stripped": _whole(listwise.stripped, Function("_stripped"), arithmetic.first_of),
    "regions": _whole(listwise.regions, Function("_regions"), _any, 2),
    # what becomes of a picture when a number flows into the zeros beside it, or in over the borders
    "flooded": _whole(listwise.flooded, Function("_flooded"), _any, 2),
    "flooded_in": _whole(listwise.flooded_in, Function("_flooded_in"), _any, 2),
    # the digits of a number in a base, highest first; digits, lowest first, of what is too large:
    # the rest is added to the next; and a list in the order of as many keys, of equal ones as they
    # stand
    "digits": Operation(
        listwise.digits, 2, Function("_digits"), interval=arithmetic.digits,
    ),
    "carried": _whole(listwise.carried, Function("_carried"), _any, 2),
    "arranged": Operation(
        listwise.arranged, 2, Function("_arranged"), arrays=(0, 1), interval=arithmetic.first_of,
    ),
    # the product of all and their greatest common divisor; of rows, one list of all
    # that they hold, and their columns; and the runs of equal neighbours, each a row
    "product": _whole(math.prod, Function("math.prod"), _any),
    "divisor": _whole(
        lambda array: math.gcd(*array), Pattern("math.gcd(*{})"), arithmetic.natural
    ),
    "flat": _whole(
        lambda rows: [one for row in rows for one in row],
        Pattern("list(itertools.chain.from_iterable({}))"), _any,
    ),
    "columns": _whole(
        lambda rows: list(map(list, zip(*rows, strict=False))),
        Pattern("[list(column) for column in zip(*{})]"), _any,
    ),
    "runs": _whole(
        listwise.runs, Pattern("[list(run) for _, run in itertools.groupby({})]"),
        _any,
    ),
    # what the pass that knows costs writes for loops: each is quick, and means what the loop means.
    # Places in order, equal ones as they stand; how often each value occurs; how many equal ones
    # stand before each; of a list in order, how many are smaller, or not larger; and for each
    # beginning of a list its sum, its extremes, how many different values, whether it is the same
    # from the end
    "ranks": _whole(listwise.ranks, Function("_ranks"), arithmetic.natural),
    "tally": _whole(listwise.tally, Function("_tally"), arithmetic.natural),
    "earlier": _whole(listwise.earlier, Function("_earlier"), arithmetic.natural),
    "below": _whole(listwise.below, Function("bisect.bisect_left"), arithmetic.natural, 2),
    "up_to": _whole(listwise.up_to, Function("bisect.bisect_right"), arithmetic.natural, 2),
    "running_sum": _whole(
        listwise.running_sum, Pattern("list(itertools.accumulate({}))"), _any
    ),
    "running_maximum": _whole(
        listwise.running_maximum, Pattern("list(itertools.accumulate({}, max))"),
        arithmetic.first_of,
    ),
    "running_minimum": _whole(
        listwise.running_minimum, Pattern("list(itertools.accumulate({}, min))"),
        arithmetic.first_of,
    ),
    "running_distinct": _whole(
        listwise.running_distinct, Function("_running_distinct"), arithmetic.natural
    ),
    "palindromes": _whole(
        listwise.palindromes, Function("_palindromes"), lambda array: Interval(0, 1)
    ),
    "same": _compared("==", "differ", lambda a, b: a == b),
    "differ": _compared("!=", "same", lambda a, b: a != b),
    "eq": _compared("==", "ne", lambda a, b: a == b, "equal"),
    "ne": _compared("!=", "eq", lambda a, b: a != b, "not_equal"),
    "lt": _compared("<", "ge", lambda a, b: a < b, "less"),
    "le": _compared("<=", "gt", lambda a, b: a <= b, "less_equal"),
    "gt": _compared(">", "le", lambda a, b: a > b, "greater"),
    "ge": _compared(">=", "lt", lambda a, b: a >= b, "greater_equal"),
    # of a column whose values may be missing: not a number here, None where Python is written
    "missing": _gone("None", "missing", "present", lambda a: a != a),
    "present": _gone("not None", "there", "missing", lambda a: a == a),
    "in": Operation(
        lambda a, values: int(a in values), 2, Infix("in"), truth=True, arrays=(1,),
        columns=_columns("isin"), term=_among,
    ),
    "notin": Operation(
        lambda a, values: int(a not in values), 2, Infix("not in"), truth=True,
        arrays=(1,), columns=lambda np, a, values: ~np.isin(a, values),
        term=lambda z, a, values: z.opposite(_among(z, a, values)),
    ),
    "between": Operation(  # the chained comparison low <= x <= high
        lambda low, x, high: int(low <= x <= high), 3,
        Pattern("{} <= {} <= {}"), truth=True,
        columns=lambda np, low, x, high: (low <= x) & (x <= high),
        term=lambda z, low, x, high: z.every(low <= x, x <= high),
    ),
    "and": Operation(
        lambda *args: int(all(args)), None, Infix("and"),
        truth=True, of_truths=True, decides=False, neutral=1, zero=0,
        columns=_columns("logical_and"), term=lambda z, *truths: z.every(*truths),
    ),
    "or": Operation(
        lambda *args: int(any(args)), None, Infix("or"),
        truth=True, of_truths=True, decides=True, neutral=0, zero=1,
        columns=_columns("logical_or"), term=lambda z, *truths: z.some(*truths),
    ),
    "not": Operation(
        lambda a: int(not a), 1, Pattern("not {}"),
        truth=True, of_truths=True,
        columns=_columns("logical_not"), term=lambda z, truth: z.opposite(truth),
    ),
}  # fmt: skip

OPPOSITE = {op: row.opposite for op, row in OPERATIONS.items() if row.opposite and not row.arrays}
"""The comparison of numbers that holds where another one does not."""
