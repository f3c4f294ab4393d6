"""Loop → one or two plain English sentences: what an answer is, and what is carried."""

from __future__ import annotations

from ..ir.expr import Call, Const, Expr, If, Var, is_truth, walk
from ..ir.program import Map, Program, Scan
from .describe import listed
from .lower import Lowering

_ORDINALS = {2: "two", 3: "three", 4: "four", 5: "five"}


def describe_scan(program: Program) -> str:
    """What each answer is, in words that come from the program's expressions alone."""
    lowering = Lowering(program, plain=True)
    for statement in program.body:
        match statement:
            case Scan():
                return _scan(statement, lowering)
            case Map(_, like, (index,), _, value):
                lowering.bind_index(index, like, 0)
                text = _rule(value, lowering)
                return f"Each answer is {text}, at place {index}; before the start everything is 0."
            case _:
                continue
    raise ValueError("the program has no loop")


def _scan(scan: Scan, lowering: Lowering) -> str:
    carried = {let.name: let for let in scan.state}
    described = {let.name: let.value for let in scan.body if let.name not in carried}
    inside = {
        name for name in described if not any(Var(name) in walk(let.value) for let in scan.body)
    }
    values = [
        described[v.name] if isinstance(v, Var) and v.name in inside else v for v in scan.values
    ]
    parts = []
    if len(values) == 1:
        parts.append(f"Each answer is {_answer(values[0], scan, inside, lowering)}")
    else:
        answers = [_answer(value, scan, inside, lowering) for value in values]
        parts.append(f"Each answer is {listed(answers)}")
    if not scan.body:
        what = scan.element[0] if len(scan.element) == 1 else listed(scan.element)
        parts[0] += f", for each {what} by itself"
    for name, value in described.items():
        if name not in inside:
            parts.append(f"{name} is {_rule(value, lowering)}")
    updates = {let.name: let.value for let in scan.body if let.name in carried}
    lags = _lags(scan, updates)
    for name, let in carried.items():
        start = lowering.source(let.value)
        if name in lags:
            depth, channel = lags[name]
            steps = "one step" if depth == 1 else f"{_ORDINALS.get(depth, depth)} steps"
            parts.append(f"{name} is the {channel} {steps} before, {start} at the start")
        else:
            rule = _rule(updates[name], lowering)
            parts.append(f"{name} starts as {start} and becomes {rule} at each step")
    return "; ".join(parts) + "."


def _answer(value: Expr, scan: Scan, inside: set[str], lowering: Lowering) -> str:
    assigned = {let.name for let in scan.body} & {let.name for let in scan.state}
    text = _rule(value, lowering)
    if isinstance(value, Var) and value.name in assigned and not inside:
        return f"the new {text}"
    return text


def _lags(scan: Scan, updates: dict[str, Expr]) -> dict[str, tuple[int, str]]:
    """The variables that hold an earlier element: how many steps earlier, and its name."""
    found: dict[str, tuple[int, str]] = {name: (0, name) for name in scan.element}
    for _ in scan.state:
        for let in scan.state:
            value = updates.get(let.name)
            if let.name not in found and isinstance(value, Var) and value.name in found:
                depth, channel = found[value.name]
                found[let.name] = (depth + 1, channel)
    return {let.name: found[let.name] for let in scan.state if let.name in found}


def _rule(expr: Expr, lowering: Lowering) -> str:
    """``1 if …, else 0``, or the list of decisions, or the expression itself."""
    if isinstance(expr, Call) and expr.op == "int":
        expr = expr.args[0]
    if is_truth(expr):
        expr = If(expr, Const(1), Const(0))
    if not isinstance(expr, If):
        return lowering.source(expr)
    decisions: list[str] = []
    rest: Expr = expr
    while isinstance(rest, If):
        then = _rule(rest.then, lowering)
        inner = f"({then})" if isinstance(rest.then, If) else then
        decisions.append(f"{inner} if {lowering.test(rest.condition)}")
        rest = rest.otherwise
    return f"{', '.join(decisions)}, else {_rule(rest, lowering)}"
