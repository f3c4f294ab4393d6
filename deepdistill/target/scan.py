"""A loop with carried variables as Python statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..ir.expr import Call, Const, Expr, If, Var, is_truth, negated, walk
from ..ir.interval import Interval
from ..ir.notation import Infix, Level
from ..ir.ops import OPERATIONS, Operation
from ..ir.program import Let, Scan

if TYPE_CHECKING:
    from .printer import Printer

INDENT = "    "
LONGEST_LINE = 76


def scan_lines(scan: Scan, printer: Printer) -> list[str]:
    """The statements that bind ``scan.name`` to the list of answers."""
    domain = printer.ports[scan.over].domain
    spans = dict.fromkeys(scan.element, Interval(domain.low, domain.high))
    printer.names[scan.name] = scan.name
    with printer.scope():
        for name, span in spans.items():
            printer.bind(name, span=span)
        element = ", ".join(scan.element)
        if not scan.state and not scan.body:
            value = _element(scan.values, printer)
            line = f"{scan.name} = [{value} for {element} in {scan.over}]"
            if len(value) <= LONGEST_LINE:
                return [line]
        _find_truths(scan, printer)
        starts = [f"{let.name} = {_start(let, scan, printer)}" for let in scan.state]
        body = _body(scan, printer)
    return [
        *starts,
        f"{scan.name} = []",
        f"for {element} in {scan.over}:",
        *(INDENT + line for line in body),
    ]


def _find_truths(scan: Scan, printer: Printer) -> None:
    """Tell the printer which names may hold True or False, whatever step it is."""
    found: set[str] = set()
    while True:
        for let in scan.body:
            if printer.may_be_bool(let.value):
                printer.bools.add(let.name)
        if found == printer.bools:
            break
        found = set(printer.bools)
    for let in scan.state:
        if _is_truth(let, scan):
            printer.ranges[let.name] = Interval(0, 1)


def _is_truth(let: Let, scan: Scan) -> bool:
    """Whether a carried variable starts as 0 or 1 and becomes True or False."""
    updates = [other.value for other in scan.body if other.name == let.name]
    return let.value in (Const(0), Const(1)) and bool(updates) and all(map(is_truth, updates))


def _start(let: Let, scan: Scan, printer: Printer) -> str:
    """``True`` for a variable that is always a truth and starts as 1."""
    if _is_truth(let, scan):
        return str(let.value == Const(1))
    return printer.source(let.value)


def _body(scan: Scan, printer: Printer) -> list[str]:
    lines: list[str] = []
    described = _told_inside(scan)
    pending: dict[str, Expr] = {}
    appended = False
    for let in scan.body:
        if let.name in described:
            pending[let.name] = let.value
            if len(pending) == len(described):
                values = [pending.get(_name(v), v) for v in scan.values]
                lines += _append(scan, values, printer)
                appended = True
            continue
        lines += _assignment(let, printer)
    return lines if appended else [*lines, *_append(scan, scan.values, printer)]


def _name(expr: Expr) -> str:
    return expr.name if isinstance(expr, Var) else ""


def _told_inside(scan: Scan) -> set[str]:
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


def _append(scan: Scan, values: Sequence[Expr], printer: Printer) -> list[str]:
    value = _element(values, printer)
    line = f"{scan.name}.append({value})"
    if len(values) == 1 and isinstance(values[0], If) and len(line) > LONGEST_LINE:
        answer = printer.helper("answer")
        return [*_choice(values[0], f"{answer} =", printer), f"{scan.name}.append({answer})"]
    return [line]


def _element(values: Sequence[Expr], printer: Printer) -> str:
    texts = [printer.number(value) for value in values]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _assignment(let: Let, printer: Printer) -> list[str]:
    """An assignment; ``+=``, ``-=`` or ``if`` where the variable changes by something."""
    name, value = let.name, let.value
    printer.names[name] = name
    if isinstance(value, If) and Var(name) in _leaves(value):
        return _choice(value, f"{name} =", printer, unless=Var(name))
    change = _change(value, name)
    if change is not None:
        sign, rest = change
        if sign in "+-" and isinstance(rest, If) and Const(0) in (rest.then, rest.otherwise):
            return _choice(rest, f"{name} {sign}=", printer, unless=Const(0))
        return [f"{name} {sign}= {printer.source(rest)}"]
    line = f"{name} = {printer.source(value)}"
    if isinstance(value, If) and (_is_nested(value) or len(line) > LONGEST_LINE):
        return _choice(value, f"{name} =", printer)
    return [line]


def _leaves(value: Expr) -> list[Expr]:
    """The values between which a choice chooses."""
    if not isinstance(value, If):
        return [value]
    return [*_leaves(value.then), *_leaves(value.otherwise)]


def _is_nested(choice: If) -> bool:
    return isinstance(choice.then, If) or isinstance(choice.otherwise, If)


def _sign(row: Operation) -> str:
    """What stands before ``=`` where a variable is changed by an operation; sums see below."""
    inside = isinstance(row.python, Infix) and row.python.level not in (Level.ADD, Level.COMPARE)
    return row.python.symbol if isinstance(row.python, Infix) and inside and not row.truth else ""


def _change(value: Expr, name: str) -> tuple[str, Expr] | None:
    """The sign and what is added, where a value is a variable plus something."""
    row = OPERATIONS[value.op] if isinstance(value, Call) else None
    if isinstance(value, Call) and row is not None and Var(name) in value.args:
        others, sign = list(value.args), _sign(row)
        commutes = row.arity is None
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


def _choice(choice: If, target: str, printer: Printer, unless: Expr | None = None) -> list[str]:
    """``if``, ``elif`` and ``else``; branches that are ``unless`` are left out."""
    lines: list[str] = []
    word, rest = "if", choice
    while isinstance(rest, If):
        condition, then, otherwise = rest.condition, rest.then, rest.otherwise
        if then == unless and not (lines and isinstance(otherwise, If)):
            condition, then, otherwise = negated(condition), otherwise, then
        if then == unless:
            return [
                *lines,
                f"{word} {printer.test(condition)}:",
                f"{INDENT}pass",
                *_else(otherwise, target, printer, unless),
            ]
        lines.append(f"{word} {printer.test(condition)}:")
        lines += _branch(then, target, printer, unless)
        word, rest = "elif", otherwise  # type: ignore[assignment]
    return [*lines, *_else(rest, target, printer, unless)]


def _else(rest: Expr, target: str, printer: Printer, unless: Expr | None) -> list[str]:
    if rest == unless:
        return []
    return ["else:", *_branch(rest, target, printer, unless)]


def _branch(value: Expr, target: str, printer: Printer, unless: Expr | None) -> list[str]:
    if isinstance(value, If) and (unless in (value.then, value.otherwise) or _is_nested(value)):
        return [INDENT + line for line in _choice(value, target, printer, unless)]
    name = target.split()[0]
    change = _change(value, name) if target.endswith(" =") else None
    if change is not None:
        sign, rest = change
        return [f"{INDENT}{name} {sign}= {printer.source(rest)}"]
    return [f"{INDENT}{target} {printer.source(value)}"]
