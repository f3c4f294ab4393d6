"""What a solver owes besides right answers: what it must refuse, take in other forms, and print.

A solver is told apart from its network only on inputs that both take. What it promises for all
others is here: a wrong shape or value raises ``ValueError`` with a sentence; tuples, NumPy arrays
and floats without a fraction are as good as lists of integers; the command line prints the answer
as JSON, or one sentence and exit status 2.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from ..ir.alphabet import written
from ..ir.types import Port
from .certificate import Certificate, Shapes
from .command_line import LONGEST, Arguments, Broken, Solve, answers_json, in_words, outcome
from .table_contract import broken_table

_Base: TypeAlias = Literal["lowest", "in turn", "highest"]
_BASES: tuple[_Base, ...] = get_args(_Base)

_REFUSES = "raises ValueError with a sentence"


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """What a solver promises besides right answers, for one kind of arguments.

    ``refused`` gives arguments that are refused with a sentence; ``forms`` arguments with the same
    ones in other forms; ``outcomes`` arguments, what is promised of them in words, and whether a
    call gives that. ``printed`` are arguments, by the ``names`` of the parameters, of which the
    command line prints the answer; where ``listed``, as a list even if there is one alone. It
    prints those to tables whose columns have these ``titles``, too, if it has any.
    """

    names: tuple[str, ...]
    refused: Callable[[], Iterator[Arguments]]
    forms: Callable[[], Iterator[tuple[Arguments, Iterator[Arguments]]]]
    outcomes: Callable[[], Iterator[tuple[Arguments, str, Callable[[str], bool]]]]
    printed: Sequence[Arguments]
    listed: bool
    titles: tuple[str, ...] = ()


def alike_axes(sizes: Shapes) -> list[tuple[int, int]]:
    """Pairs of axes that have the same size in all of several shapes."""
    axes = range(len(sizes[0]) if sizes else 0)
    return [(a, b) for a in axes for b in axes[:a] if all(size[a] == size[b] for size in sizes)]


def breaking(certificate: Certificate, broken: Broken | None, note: str = "") -> Certificate:
    """The certificate, with ``faithful`` failed where a promise is broken; ``note`` says how."""
    if broken is None or not certificate.faithful.ok:
        return certificate
    if not note and broken.expected == _REFUSES:
        note = f"a call that should be such that it {broken.expected} does not"
    faithful = replace(
        certificate.faithful,
        status="failed",
        counterexample=broken.as_json(),
        note=note or "it answers otherwise where the same input comes in another form",
    )
    if faithful.sizes == "all":
        faithful = replace(faithful, sizes=faithful.checked, checked=())
    return replace(certificate, faithful=faithful)


def broken_promise(solve: Solve, contract: Contract) -> Broken | None:
    """The first promise that is broken."""
    for arguments in contract.refused():
        if (broken := _must_refuse(solve, arguments)) is not None:
            return broken
    for base, forms in contract.forms():
        expected = outcome(solve, base)
        for arguments in forms:
            if (got := outcome(solve, arguments)) != expected:
                return Broken(call_in_words(arguments), expected, got)
    for arguments, promise, kept in contract.outcomes():
        if not kept(got := outcome(solve, arguments)):
            return Broken(call_in_words(arguments), promise, got)
    for arguments in contract.printed:
        broken = answers_json(solve, contract.names, arguments, contract.listed)
        if broken is not None:
            return broken
    return broken_table(solve, contract.titles, contract.printed)


def array_contract(ports: Sequence[Port], shape: Sequence[int], sizes: Shapes = ()) -> Contract:
    """The contract of a solver that takes an array for each port.

    ``shape`` is one that it takes, ``sizes`` are those of the networks that it was made of, where
    each size has its own: axes that are alike in all of them must be alike.
    """
    bases = [_base(ports, shape, which) for which in _BASES]  # one may have no answer
    least = _base(ports, (), "highest")

    def refused() -> Iterator[Arguments]:
        for axis in {axis: None for pair in alike_axes(sizes) for axis in pair}:
            for change in (1, -1, shape[axis]):
                other = [n + change * (k == axis) for k, n in enumerate(shape)]
                yield _base(ports, other, "lowest")
        yield from _bad(ports, bases[0])

    def outcomes() -> Iterator[tuple[Arguments, str, Callable[[str], bool]]]:
        if _may_be_empty(ports):
            yield ([],), "[]", lambda got: got == "[]"

    return Contract(
        tuple(port.name for port in ports),
        refused,
        lambda: ((base, _other_forms(ports, base)) for base in (*bases, least)),
        outcomes,
        bases,
        len(ports) > 1,
    )


def _base(ports: Sequence[Port], shape: Sequence[int], which: _Base) -> Arguments:
    """Arguments that are taken: all values the lowest or the highest, or all values in turn.

    Where no ``shape`` is given they have one value along each free axis.
    """
    arrays = []
    for port in ports:
        size = [axis.size or 1 for axis in port.axes] if port.is_fixed or not shape else shape
        steps = np.arange(math.prod(size)).reshape(tuple(size)) * (which == "in turn")
        codes = steps % len(port.domain) + port.domain.low
        if which == "highest":
            codes += len(port.domain) - 1
        arrays.append(written(port, codes.tolist()))
    return tuple(arrays)


def _may_be_empty(ports: Sequence[Port]) -> bool:
    return len(ports) == 1 and ports[0].axes[0].kind == "sequence"


def _bad(ports: Sequence[Port], base: Arguments) -> Iterator[Arguments]:
    """Arguments of which one is not what it should be."""
    for k, port in enumerate(ports):
        for array in (*_no_arrays(port), *_bad_values(port, base[k]), *_bad_sizes(port, base[k])):
            yield (*base[:k], array, *base[k + 1 :])
    free = [k for k, port in enumerate(ports) if not port.is_fixed]
    for k in free[1:]:  # arrays of different sizes
        yield (*base[:k], [*base[k], base[k][0]], *base[k + 1 :])
    yield (*base, base[0])


def _no_arrays(port: Port) -> Iterator[Any]:
    low = port.written[0]
    yield from (None, low, float(low), True, "", "01", b"01", {}, {0: low}, {low}, np.array(low))
    if port.axes[0].kind != "sequence":
        yield from ([], (), np.array([], dtype=np.int64))
    deep: Any = low
    for _ in range(len(port.axes) + 1):
        deep = [deep]
    yield deep


def _bad_values(port: Port, array: Any) -> Iterator[Any]:
    """One value replaced, at the first place and at the last."""
    low, high = int(port.written[0]), int(port.written[-1])
    bad: list[Any] = [low - 1, high + 1, low + 0.5, high + 0.5, low - 0.5, 10**30, -(10**30)]
    bad += [math.nan, math.inf, -math.inf, complex(low), "", str(low), b"0", None]
    bad += [[], [low], {}]
    bad += [low + 1] if low + 1 not in port.written else []  # between symbols
    for last in (False, True):
        for value in bad:
            yield _with_value(array, value, last)
    yield np.full(np.shape(array), low + 0.5)
    yield np.full(np.shape(array), high + 1)


def _with_value(array: Any, value: Any, last: bool) -> Any:
    if not isinstance(array, list):
        return value
    place = len(array) - 1 if last else 0
    return [*array[:place], _with_value(array[place], value, last), *array[place + 1 :]]


def _bad_sizes(port: Port, array: Any) -> Iterator[Any]:
    """Rows longer or shorter than the others or than they have to be, and none at all."""
    if len(port.axes) == 1:
        if port.axes[0].size is not None:
            yield [*array, array[0]]
            yield array[:-1]
        return
    row, fixed = array[0], port.axes[1].size is not None
    places = sorted({0, len(array) // 2, len(array) - 1})
    for place in places:
        for other in ([*row, row[0]], row[:-1], [], row[0], tuple(row[:-1])):
            if fixed or len(array) > 1 or other == row[0] or not other:
                yield [*array[:place], other, *array[place + 1 :]]
    yield [[] for _ in array]
    if fixed:
        yield [[*row, row[0]] for row in array]
        yield [row[:-1] for row in array]
    if port.axes[0].size is not None:
        yield [*array, row]
        yield array[:-1]


def _other_forms(ports: Sequence[Port], base: Arguments) -> Iterator[Arguments]:
    """The same arguments as tuples, NumPy arrays, floats and truths."""
    yield tuple(map(_as_tuple, base))
    yield tuple(_as_tuple(_each(array, float)) for array in base)
    for kind in (np.int64, np.float64, object):
        yield tuple(np.array(array, dtype=kind) for array in base)
    yield tuple([*array[:-1], np.array(array[-1])] for array in base)
    yield tuple(_each(array, float) for array in base)
    yield tuple(_each(array, np.int64) for array in base)
    if all(port.domain.is_bits and not port.symbols for port in ports):
        yield tuple(_each(array, bool) for array in base)
        yield tuple(np.array(array, dtype=bool) for array in base)


def _as_tuple(array: Any) -> Any:
    return tuple(map(_as_tuple, array)) if isinstance(array, list) else array


def _each(array: Any, change: Callable[[Any], Any]) -> Any:
    return [_each(part, change) for part in array] if isinstance(array, list) else change(array)


def are_too_many(solve: Solve, arguments: Arguments) -> bool:
    """Whether a solver has no place for so many arguments, behind whatever checks them."""
    code: Any = getattr(inspect.unwrap(solve), "__code__", None)
    return code is not None and len(arguments) > code.co_argcount


def _must_refuse(solve: Solve, arguments: Arguments) -> Broken | None:
    try:
        got = repr(solve(*arguments))
    except ValueError as error:
        if str(error).strip() and "\n" not in str(error):
            return None
        got = "raises ValueError without a sentence"
    except TypeError as error:  # one argument too many is refused by Python
        if are_too_many(solve, arguments):
            return None
        got = f"raises TypeError: {error}"
    except MemoryError:
        raise
    except Exception as error:
        got = f"raises {type(error).__name__}"
    return Broken(call_in_words(arguments), _REFUSES, got[:LONGEST])


def call_in_words(arguments: Arguments) -> str:
    """The call as Python writes it, as far as there is room."""
    return in_words(f"solve({', '.join(map(repr, arguments))})")
