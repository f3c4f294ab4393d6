"""States in the words of their users: 0, 1, … inside, and -1 and 1, 0 and 255 or others outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .types import Port

Solve = Callable[..., Any]


def coded(port: Port, nested: Any) -> Any:
    """Nested lists with the places of a port's symbols.

    Integers that are no symbol become negative ones, of which :func:`written` gives them again
    where they are no larger than symbols can be.
    """
    if not port.symbols:
        return nested
    table = {symbol: k for k, symbol in enumerate(port.symbols)}
    if port.is_text:
        return _coded_text(port, nested, table)
    kind = type(port.symbols[0])  # True is no 1, and 1 no True

    def place(value: int) -> int:
        there = table.get(value) if type(value) is kind else None
        return max(min(value, _FAR), -_FAR) - 2 * _FAR if there is None else there

    return _each(nested, place, (int, kind))


def written(port: Port, nested: Any) -> Any:
    """Nested lists of a port's symbols from their places; what is no place stays."""
    if not port.symbols:
        return nested
    table = dict(enumerate(port.symbols))
    if port.is_text:
        if isinstance(nested, list):
            return "".join(str(table.get(k, k)) for k in nested)
        return table.get(nested, nested)
    return _each(nested, lambda k: table.get(k, k if k >= 0 else k + 2 * _FAR))


def _coded_text(port: Port, nested: Any, table: Mapping[Any, int]) -> Any:
    """The places of characters, or of a class; those of others are negative."""
    if not port.axes or not isinstance(nested, str | list):
        return table.get(nested, -1) if isinstance(nested, str) else nested
    return [table.get(one, -1) for one in nested]


def _each(nested: Any, change: Callable[[int], Any], kinds: tuple[type, ...] = (int,)) -> Any:
    if isinstance(nested, list):
        return [_each(part, change, kinds) for part in nested]
    return change(nested) if type(nested) in kinds else nested


def in_codes(solve: Solve, inputs: Sequence[Port], output: Port) -> Solve:
    """A solver that takes and returns symbols, as one that takes and returns their places."""
    if not any(port.symbols for port in (*inputs, output)):
        return solve

    def run(*arrays: Any) -> Any:
        given = [written(port, array) for port, array in zip(inputs, arrays, strict=True)]
        answer = solve(*given)
        if given != [written(port, array) for port, array in zip(inputs, arrays, strict=True)]:
            raise TypeError("the solver changed its input")
        return coded(output, answer)

    return run


def alphabet(values: Sequence[int], states: bool = True) -> tuple[int, ...]:
    """The symbols of states with these values, in order, each once; none where they are 0 to k.

    A few values that lie far apart are symbols; in ``states`` two other than 0 and 1 are, too, and
    a few that are all positive.
    """
    low, high, count = min(values), max(values), len(values)
    if not 2 <= count <= _MOST or (low >= 0 and high <= 1):
        return ()
    odd = states and (count == 2 or low > 0)
    return tuple(values) if odd or high - low >= 2 * count else ()


_FAR = 2**40  # no symbol lies so far from 0
_MOST = 16  # of more values nobody knows that they are no numbers
