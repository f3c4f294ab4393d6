"""Why a program gave one output: its statements run at one place, with what decided told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from ..data.problem import InputError
from ..ir.evaluate import Scope, evaluate_expr, evaluate_fill, shape
from ..ir.program import Fill, Let, Map, Program, Scan, Statement
from .reasons import Reasons
from .trace import Explanation, Step


def explain_program(
    program: Program, arrays: Mapping[str, Any], at: tuple[int, ...] | None = None
) -> Explanation:
    """The trace of one output for nested lists of integers, one for each input port.

    ``at`` has an index for each axis of the output; None where there is one number, or for a list
    that is made as a whole. Raises :class:`InputError` for a place outside the output.
    """
    scope = Scope(program.inputs, arrays)
    scope.arrays.update((table.name, table.values) for table in program.tables)
    reasons = Reasons(scope)
    *before, last = program.body
    for statement in before:
        match statement:
            case Let(name, value):
                reasons.named(name, value)
            case Fill(name):
                evaluate_fill(statement, scope)
                reasons.steps.append(Step("value", name, scope.names[name]))
            case Map() | Scan():
                raise InputError("a program with a loop before its last statement has no trace")
            case _:
                assert_never(statement)
    place = at if at is not None else _only_place(last, scope)
    value = _last(last, reasons, place)
    index = "" if place is None else f"[{', '.join(map(str, place))}]"
    name = program.output.name
    return Explanation(program.name, f"{name}{index}", value, tuple(reasons.steps))


def _last(last: Statement, reasons: Reasons, place: tuple[int, ...] | None) -> Any:
    """The value of the output at a place; what led to it is told."""
    match last:
        case Let(_, value):
            reasons.value(value)
            return _element(evaluate_expr(value, reasons.scope), place)
        case Map(_, like, index, body, value):
            sizes = reasons.scope.sizes[like]
            _bind(index, place, sizes, reasons)
            for let in body:
                reasons.named(let.name, let.value)
            reasons.value(value)
            return evaluate_expr(value, reasons.scope)
        case Fill():
            return _filled(last, reasons, place)
        case Scan():
            return _scanned(last, reasons, place)
        case _:
            assert_never(last)


def _filled(last: Fill, reasons: Reasons, place: tuple[int, ...] | None) -> Any:
    scope = reasons.scope
    if last.points is not None:
        _refuse_outside(place, (len(last.points),))
        assert place is not None
        for name, k in zip(last.index, last.points[place[0]], strict=True):
            reasons.bind_place(name, k)
    else:
        sizes = tuple(n if isinstance(n, int) else evaluate_expr(n, scope) for n in last.sizes)
        _bind(last.index, place, sizes, reasons)
    reasons.value(last.value)
    return evaluate_expr(last.value, scope)


def _scanned(last: Scan, reasons: Reasons, place: tuple[int, ...] | None) -> Any:
    """The state before the step, the element, the named values and the state after it."""
    scope = reasons.scope
    elements = scope.arrays[last.over]
    channels = len(last.values)
    sizes = (len(elements), channels)[: len(place) if place and channels > 1 else 1]
    _refuse_outside(place, sizes)
    assert place is not None
    for let in last.state:
        scope.names[let.name] = evaluate_expr(let.value, scope)
    for t in range(place[0] + 1):
        element = elements[t]
        here = element if len(scope.ports[last.over].axes) > 1 else (element,)
        if t == place[0]:
            reasons.steps += [Step("before", let.name, scope.names[let.name]) for let in last.state]
            reasons.steps += [
                Step("input", name, value) for name, value in zip(last.element, here, strict=True)
            ]
        scope.names.update(zip(last.element, here, strict=True))
        if t < place[0]:
            for let in last.body:
                scope.names[let.name] = evaluate_expr(let.value, scope)
    carried = {let.name for let in last.state}
    for let in last.body:
        reasons.named(let.name, let.value)
        if let.name in carried:
            step = reasons.steps.pop()
            reasons.steps.append(Step("after", step.text, step.value, step.detail))
    chosen = last.values if len(place) == 1 else (last.values[place[1]],)
    for expr in chosen:
        reasons.value(expr)
    values = [evaluate_expr(expr, scope) for expr in chosen]
    return values if len(values) > 1 else values[0]


def _only_place(last: Statement, scope: Scope) -> tuple[int, ...] | None:
    """The place of the only number of the output; None where a statement makes it as a whole."""
    match last:
        case Let():
            return None
        case Map(_, like):
            sizes = scope.sizes[like]
        case Fill(_, _, counts, _, points):
            counted = tuple(n if isinstance(n, int) else evaluate_expr(n, scope) for n in counts)
            sizes = counted if points is None else (len(points),)
        case Scan(_, over):
            sizes = (len(scope.arrays[over]),)
        case _:
            assert_never(last)
    if any(size != 1 for size in sizes):
        described = " x ".join(map(str, sizes))
        example = ",".join(["0"] * len(sizes))
        raise InputError(
            f"the answer has {described} numbers: say which one, for example --at {example}"
        )
    return (0,) * len(sizes)


def _bind(
    names: tuple[str, ...], place: tuple[int, ...] | None, sizes: tuple[int, ...], reasons: Reasons
) -> None:
    _refuse_outside(place, sizes)
    assert place is not None
    for name, k in zip(names, place, strict=True):
        reasons.bind_place(name, k)


def _element(value: Any, place: tuple[int, ...] | None) -> Any:
    """An element of a nested list, or all of it."""
    if place is None:
        return value
    _refuse_outside(place, shape(value, _depth(value)))
    for k in place:
        value = value[k]
    return value


def _depth(value: Any) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list) and value else 0


def _refuse_outside(place: tuple[int, ...] | None, sizes: tuple[int, ...]) -> None:
    """``InputError`` unless the place has an index for each axis, inside it."""
    if not sizes:
        raise InputError("the answer is one number: leave out --at")
    described = " x ".join(map(str, sizes))
    if place is None or len(place) != len(sizes):
        given = 0 if place is None else len(place)
        raise InputError(
            f"the answer has {described} numbers, so --at takes {len(sizes)} "
            f"index{'' if len(sizes) == 1 else 'es'}, not {given}"
        )
    if not all(0 <= k < size for k, size in zip(place, sizes, strict=True)):
        where = ",".join(map(str, place))
        raise InputError(
            f"there is no place {where} in an answer of {described} numbers, from 0 on"
        )
