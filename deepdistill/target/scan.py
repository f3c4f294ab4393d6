"""A loop with carried variables as Python statements."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..ir.expr import Call, Const, Expr, If, Var, is_truth, walk
from ..ir.interval import UNKNOWN, Interval
from ..ir.notation import Infix
from ..ir.operation import Operation
from ..ir.ops import OPERATIONS
from ..ir.program import Let, Scan
from .choices import assigned, chosen, is_nested
from .python import block, built, lines, written

if TYPE_CHECKING:
    from .lower import Lowering

_LONGEST_LINE = 76


def scan_block(scan: Scan, lowering: Lowering) -> list[ast.stmt]:
    """The statements that bind ``scan.name`` to the list of answers."""
    port = lowering.ports.get(scan.over)
    span = lowering.ranges.get(scan.over, UNKNOWN)
    if port is not None:
        span = Interval(port.domain.low, port.domain.high)
    lowering.names[scan.name] = scan.name
    element = ", ".join(scan.element)
    if not scan.values:
        return _carried(scan, lowering, span)
    with lowering.scope():
        for name in scan.element:
            lowering.bind(name, span=span)
        if not scan.state and not scan.body:
            value = _element(scan.values, lowering)
            if len(written(value)) <= _LONGEST_LINE:
                return block(f"{scan.name} = [{{}} for {element} in {scan.over}]", value)
        _find_truths(scan, lowering)
        starts = [_start(let, scan, lowering) for let in scan.state]
        body = _body(scan, lowering)
    loop = block(f"{scan.name} = []\nfor {element} in {scan.over}:\n    {{}}", body)
    return [*(statement for start in starts for statement in start), *loop]


def _carried(scan: Scan, lowering: Lowering, span: Interval) -> list[ast.stmt]:
    """The loop of what is carried alone, which is read when it is over."""
    for name in scan.element:
        lowering.bind(name, span=span)
    _find_truths(scan, lowering)
    starts = [_start(let, scan, lowering) for let in scan.state]
    body = [line for let in scan.body for line in _assignment(let, lowering)]
    over = lowering.names.get(scan.over, scan.over)
    loop = block(f"for {', '.join(scan.element)} in {over}:\n    {{}}", body)
    return [*(statement for start in starts for statement in start), *loop]


def _find_truths(scan: Scan, lowering: Lowering) -> None:
    """Tell the lowering which names may hold True or False, whatever step it is."""
    previous: set[str] = set()
    while True:
        for let in scan.body:
            if lowering.may_be_bool(let.value):
                lowering.bools.add(let.name)
        if previous == lowering.bools:
            break
        previous = set(lowering.bools)
    for let in scan.state:
        if _is_truth(let, scan):
            lowering.ranges[let.name] = Interval(0, 1)


def _is_truth(let: Let, scan: Scan) -> bool:
    """Whether a carried variable starts as 0 or 1 and becomes True or False."""
    updates = [other.value for other in scan.body if other.name == let.name]
    return let.value in (Const(0), Const(1)) and bool(updates) and all(map(is_truth, updates))


def _start(let: Let, scan: Scan, lowering: Lowering) -> list[ast.stmt]:
    """``True`` for a variable that is always a truth and starts as 1."""
    truth = _is_truth(let, scan)
    value = built(str(let.value == Const(1))) if truth else lowering.tree(let.value)
    return block(f"{let.name} = {{}}", value)


def _body(scan: Scan, lowering: Lowering) -> list[ast.stmt]:
    statements: list[ast.stmt] = []
    described = _appended_inside(scan)
    pending: dict[str, Expr] = {}
    appended = False
    for let in scan.body:
        if let.name in described:
            pending[let.name] = let.value
            if len(pending) == len(described):
                values = [pending.get(_name(v), v) for v in scan.values]
                statements += _append(scan, values, lowering)
                appended = True
            continue
        statements += _assignment(let, lowering)
    return statements if appended else [*statements, *_append(scan, scan.values, lowering)]


def _name(expr: Expr) -> str:
    return expr.name if isinstance(expr, Var) else ""


def _appended_inside(scan: Scan) -> set[str]:
    """The names of neighbouring assignments that only the answers read: appended there."""
    carried = {let.name for let in scan.state}
    names = [let.name for let in scan.body]
    wanted = {_name(value) for value in scan.values} - carried
    described = {name for name in wanted if names.count(name) == 1}
    for let in scan.body:
        described -= {node.name for node in walk(let.value) if isinstance(node, Var)}
    places = [k for k, name in enumerate(names) if name in described]
    together = places == list(range(places[0], places[0] + len(places))) if places else False
    others = {_name(node) for value in scan.values for node in walk(value)} - described
    later = set(names[places[-1] + 1 :]) if places else set()
    return described if together and not others & later else set()


def _append(scan: Scan, values: Sequence[Expr], lowering: Lowering) -> list[ast.stmt]:
    made = block(f"{scan.name}.append({{}})", _element(values, lowering))
    if len(values) == 1 and isinstance(values[0], If) and _is_long(made):
        answer = lowering.helper("answer")
        statements = chosen(
            lowering,
            values[0],
            lambda part: assigned(built(answer), part, lowering, lowering.number),
        )
        return [*statements, *block(f"{scan.name}.append({answer})")]
    return made


def _is_long(statements: list[ast.stmt]) -> bool:
    return max(map(len, lines(statements))) > _LONGEST_LINE


def _element(values: Sequence[Expr], lowering: Lowering) -> ast.expr:
    trees = [lowering.number(value) for value in values]
    return trees[0] if len(trees) == 1 else ast.List(trees)


def _assignment(let: Let, lowering: Lowering) -> list[ast.stmt]:
    """An assignment; ``+=``, ``-=`` or ``if`` where the variable changes by something."""
    name, value = let.name, let.value
    lowering.names[name] = name
    if isinstance(value, If) and Var(name) in _leaves(value):
        return _choice(value, name, "", lowering, unless=Var(name))
    change = _change(value, name)
    if change is not None:
        sign, rest = change
        if sign in "+-" and isinstance(rest, If) and Const(0) in (rest.then, rest.otherwise):
            return _choice(rest, name, sign, lowering, unless=Const(0))
        return block(f"{name} {sign}= {{}}", lowering.tree(rest))
    made = block(f"{name} = {{}}", lowering.tree(value))
    if isinstance(value, If) and (is_nested(value) or _is_long(made)):
        return _choice(value, name, "", lowering)
    return made


def _leaves(value: Expr) -> list[Expr]:
    """The values between which a choice chooses."""
    if not isinstance(value, If):
        return [value]
    return [*_leaves(value.then), *_leaves(value.otherwise)]


def _sign(op: str) -> str:
    """What stands before ``=`` where a variable is changed by an operation; sums see below."""
    match OPERATIONS[op]:
        case Operation(python=Infix(symbol), truth=False) if op not in ("add", "sub", "joined"):
            return symbol
        case _:
            return ""


def _change(value: Expr, name: str) -> tuple[str, Expr] | None:
    """The sign and what is added, where a value is a variable plus something."""
    if isinstance(value, Call) and Var(name) in value.args:
        others, sign = list(value.args), _sign(value.op)
        commutes = OPERATIONS[value.op].arity is None
        if sign and (commutes or others[0] == Var(name)):
            others.remove(Var(name))
            rest = others[0] if len(others) == 1 else Call(value.op, tuple(others))
            return sign, rest
    taken: list[Expr] = []
    while isinstance(value, Call) and value.op == "sub":
        value, last = value.args
        taken.insert(0, last)
    added = list(value.args) if isinstance(value, Call) and value.op == "add" else [value]
    if Var(name) not in added or not (len(added) > 1 or taken):
        return None
    added.remove(Var(name))
    if not added:
        rest = taken[0] if len(taken) == 1 else Call("add", tuple(taken))
        return "-", rest
    rest = added[0] if len(added) == 1 else Call("add", tuple(added))
    for part in taken:
        rest = Call("sub", (rest, part))
    return "+", rest


def _choice(
    choice: If, name: str, sign: str, lowering: Lowering, unless: Expr | None = None
) -> list[ast.stmt]:
    """A variable set, or changed as the sign says, to what is chosen."""

    def done(value: Expr) -> list[ast.stmt]:
        if isinstance(value, If) and (unless in (value.then, value.otherwise) or is_nested(value)):
            return _choice(value, name, sign, lowering, unless)
        change = None if sign else _change(value, name)
        own, rest = change or (sign, value)
        return block(f"{name} {own}= {{}}", lowering.tree(rest))

    return chosen(lowering, choice, done, unless)
