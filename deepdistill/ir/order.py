"""Whether a program looks at nothing but the order and the equality of the numbers it is given.

Such a rule holds for numbers that nobody has shown: only which of two is larger, or that they are
the same, decides. One that adds them, or compares them with a constant, was seen where they lay.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from .expr import (
    Call,
    Const,
    Expr,
    First,
    If,
    Inside,
    Listed,
    Read,
    Size,
    Sum,
    Total,
    Var,
    children,
)
from .program import Fill, Let, Map, Program, Scan

_CHOOSES = {
    *("maximum", "minimum", "sorted", "reversed", "prefix", "item"),
    *("suffix", "stride", "unique", "running_maximum", "running_minimum"),
}  # of its first argument
_OF_SEVERAL = {"max", "min", "list", "joined"}
_TELLS = {
    *("eq", "ne", "lt", "le", "gt", "ge", "same", "differ", "between"),
    *("count", "position", "distinct", "length"),
}


_ORDERS = {
    *("lt", "le", "gt", "ge", "between", "max", "min", "maximum", "minimum", "sorted"),
    *("running_maximum", "running_minimum"),
}


class _NotByOrder(Exception):
    """A number is used for more than its place among others."""


class _Names(set[str]):
    """Names whose values are elements of the inputs, or lists of them.

    Where they are not ``ordered`` nothing but their equality may be asked.
    """

    def __init__(self, names: Iterable[str], ordered: bool) -> None:
        super().__init__(names)
        self.ordered = ordered


def by_order_alone(program: Program, *ports: str) -> bool:
    """Whether order and equality of the elements of inputs are all that a program reads of them.

    Those of several inputs may be compared with each other.
    """
    return _by(program, _Names(ports, True))


def by_equality_alone(program: Program, *ports: str) -> bool:
    """Whether it is the equality of the elements of some inputs alone."""
    return _by(program, _Names(ports, False))


def by_place_alone(program: Program, port: str) -> bool:
    """Whether the elements of an input are nothing but places at which a list is read."""
    lets = [statement for statement in program.body if isinstance(statement, Let)]
    return len(lets) == len(program.body) and all(_placed(let.value, port, set()) for let in lets)


def _placed(expr: Expr, port: str, places: set[str]) -> bool:
    match expr:
        case Var(name):
            return name != port and name not in places
        case Call("length", (Var(name),)) if name == port:
            return True
        case Call("item", (array, Var())) if not isinstance(array, Const):
            return _placed(array, port, places)
        case Listed((*_, name), Var(over) | Call("enumerate", (Var(over),)), value, condition):
            inner = places | {name} if over == port else places
            return all(_placed(part, port, inner) for part in (value, condition))
        case _:
            return all(_placed(part, port, places) for part in children(expr))


def _by(program: Program, given: _Names) -> bool:
    try:
        for statement in program.body:
            match statement:
                case Let(name, value):
                    _bound(given, name, _given(value, given))
                case Fill(name, _, sizes, value):
                    for size in sizes:
                        if not isinstance(size, int):
                            _plain(size, given)
                    _bound(given, name, _given(value, given))
                case Map(name, _, _, body, value):
                    for let in body:
                        _bound(given, let.name, _given(let.value, given))
                    _bound(given, name, _given(value, given))
                case Scan():
                    _scanned(statement, given)
                case _:
                    assert_never(statement)
    except _NotByOrder:
        return False
    return True


def _bound(given: _Names, name: str, is_given: bool) -> None:
    if is_given:
        given.add(name)


def _scanned(scan: Scan, given: _Names) -> None:
    """What a loop carries is always of the input, or never: a number of both kinds is neither."""
    if scan.over in given:
        given.update(scan.element)
    added = 1
    while added:  # what is carried may come from another such variable
        added = 0
        for let in (*scan.state, *scan.body):
            if let.name not in given and _given(let.value, given):
                given.add(let.name)
                added += 1
    for let in (*scan.state, *scan.body):
        if _given(let.value, given) != (let.name in given):
            raise _NotByOrder
    kinds = {_given(value, given) for value in scan.values}
    if len(kinds) > 1:
        raise _NotByOrder
    _bound(given, scan.name, True in kinds)


def _listed(expr: Listed, given: _Names) -> bool:
    """Whether a list is made of elements of the input."""
    kinds: list[bool]
    match expr.over:
        case Call("zip", args) if len(args) == len(expr.names):
            kinds = [_given(arg, given) for arg in args]
        case Call("enumerate", (array,)) if len(expr.names) == 2:
            kinds = [False, _given(array, given)]
        case Call("range", (stop,)):
            _plain(stop, given)
            kinds = [False] * len(expr.names)
        case _:
            kinds = [_given(expr.over, given)] * len(expr.names)
    own = {name for name, kind in zip(expr.names, kinds, strict=True) if kind}
    inner = _Names((given - set(expr.names)) | own, given.ordered)
    _plain(expr.condition, inner)
    return _given(expr.value, inner)


def _plain(expr: Expr, given: _Names) -> None:
    if _given(expr, given):
        raise _NotByOrder


def _given(expr: Expr, given: _Names) -> bool:
    """Whether the value is an element (or a list of elements) of the input; raises where mixed."""
    match expr:
        case Const() | Size():
            return False
        case Var(name):
            return name in given
        case Read(name, index):
            for part in index:
                _plain(part, given)
            if name in given and not all(isinstance(part, Var) for part in index):
                raise _NotByOrder  # beyond the border it may be a 0 that nobody gave
            return name in given
        case Inside(_, index):
            for part in index:
                _plain(part, given)
            return False
        case Call(op, args):
            kinds = [_given(arg, given) for arg in args]
            if not any(kinds):
                return False
            if op in _ORDERS and not given.ordered:
                raise _NotByOrder
            if op in _TELLS and all(kinds):
                return False
            if op in _CHOOSES and kinds[0] and not any(kinds[1:]):
                return True
            if op in _OF_SEVERAL and all(kinds):
                return True
            raise _NotByOrder
        case If(condition, then, otherwise):
            _plain(condition, given)
            kinds = [_given(then, given), _given(otherwise, given)]
            if any(kinds) and not all(kinds):
                raise _NotByOrder
            return all(kinds)
        case Sum(_, _, body):
            _plain(body, given)
            return False
        case Total(_, start, stop, body):
            for part in (start, stop, body):
                _plain(part, given)
            return False
        case First(_, start, stop, condition, value):
            for part in (start, stop, condition):
                _plain(part, given)
            return _given(value, given)
        case Listed():
            return _listed(expr, given)
        case _:
            assert_never(expr)
