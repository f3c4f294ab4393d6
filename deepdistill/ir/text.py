"""Programs as text for people: what ``print(result.program)`` shows."""

from __future__ import annotations

from typing import assert_never

from .expr import OPERATIONS, Call, Const, Expr, First, If, Inside, Read, Size, Sum, Total, Var
from .program import Fill, Let, Map, Program, Scan
from .types import Port

_MOST_POINTS = 9  # longer lists of points are cut


def program_text(program: Program) -> str:
    """The program, one line a statement, nested statements indented."""
    inputs = ", ".join(map(_port, program.inputs))
    lines = [f"{program.name}({inputs}) -> {_port(program.output)}"]
    for statement in program.body:
        match statement:
            case Let(name, value):
                lines.append(f"  {name} = {expr_text(value)}")
            case Map(name, like, index, body, value):
                lines.append(f"  {name}[{', '.join(index)}] for each position of {like}:")
                lines += [f"    {let.name} = {expr_text(let.value)}" for let in body]
                lines.append(f"    {expr_text(value)}")
            case Fill(name, index, sizes, value, points):
                where = f"each of {len(points)} points" if points is not None else _sizes(sizes)
                lines.append(f"  {name}[{', '.join(index)}] for {where}: {expr_text(value)}")
            case Scan(name, over, element, state, body, values):
                lines += [f"  {let.name} = {expr_text(let.value)}" for let in state]
                lines.append(f"  {name}[] for each {', '.join(element)} of {over}:")
                lines += [f"    {let.name} = {expr_text(let.value)}" for let in body]
                lines.append(f"    {', '.join(map(expr_text, values))}")
            case _:
                assert_never(statement)
    return "\n".join(lines)


def _sizes(sizes: tuple[int | Expr, ...]) -> str:
    return " x ".join(str(size) if isinstance(size, int) else expr_text(size) for size in sizes)


def expr_text(expr: Expr) -> str:
    """An expression with every operation in parentheses: nothing depends on precedence."""
    match expr:
        case Const(value):
            return str(value)
        case Var(name):
            return name
        case Read(port, index):
            return f"{port}[{', '.join(map(expr_text, index))}]"
        case Inside(port, index):
            return f"inside {port}[{', '.join(map(expr_text, index))}]"
        case Call("item", (table, index)):
            return f"{expr_text(table)}[{expr_text(index)}]"
        case Call(op, args):
            symbol = OPERATIONS[op].symbol
            parts = list(map(expr_text, args))
            if len(parts) < 2 or op in ("max", "min", "pow"):
                return f"{symbol}({', '.join(parts)})"
            return f"({f' {symbol} '.join(parts)})"
        case If(condition, then, otherwise):
            return f"({expr_text(then)} if {expr_text(condition)} else {expr_text(otherwise)})"
        case Sum(names, points, body):
            shown = ", ".join(str(point) for point in points[:_MOST_POINTS])
            more = ", ..." if len(points) > _MOST_POINTS else ""
            return f"sum({expr_text(body)} for {', '.join(names)} in {{{shown}{more}}})"
        case Total(name, start, stop, body):
            span = f"{expr_text(start)} <= {name} < {expr_text(stop)}"
            return f"sum({expr_text(body)} for {span})"
        case Size(port, axis):
            return f"size {axis} of {port}"
        case First(name, start, stop, condition, value):
            span = f"{expr_text(start)} <= {name} < {expr_text(stop)}"
            return f"(the first {expr_text(value)} for {span} with {expr_text(condition)})"
        case _:
            assert_never(expr)


def _port(port: Port) -> str:
    axes = " ".join(map(str, port.axes))
    return f"{port.name}: {axes} of {port.domain.low}..{port.domain.high}"
